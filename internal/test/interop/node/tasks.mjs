// Calls tools at the URL with the key through the client part of the Tasks extension
// (@modelcontextprotocol/ext-tasks). calls are {name, arguments, cancel}. It returns
// {executions: [{kind, states, outcome}]}.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';

const who = { name: 'interop', version: '1.0.0' };
const protocolVersion = '2026-07-28';
let id = 0;

// The extension's host has to send the HTTP request, with the headers of the protocol.
const dispatchTo = (url, key) => async (request, { signal } = {}) => {
  const { method, params } = request;
  const response = await fetch(url, {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': key,
      'mcp-protocol-version': protocolVersion,
      'mcp-method': method,
      'mcp-name': params.taskId ?? params.name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
  });
  const message = await response.json();
  return message.error ? { kind: 'error', error: message.error } : { kind: 'result', result: message.result };
};

export default async function use({ url, key, calls }) {
  const client = new Client(who, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { 'x-api-key': key } } }));
  const session = createTaskSessionFromClient(client, {
    endpointId: 'interop',
    rawDispatch: dispatchTo(url, key),
    v2RequestFraming: { protocolVersion, clientInfo: who, clientCapabilities: {} },
  });
  const executions = [];
  for (const { name, arguments: args, cancel } of calls) {
    const execution = await session.callTool(name, args);
    if (cancel) await execution.cancel();
    const states = [];
    const { outcome } = await execution.settle({
      onEvent: (event) => { if (event.type === 'task') states.push(event.task.status); },
    });
    const error = outcome.error && { code: outcome.error.code, message: outcome.error.message };
    executions.push({ kind: execution.kind, states, outcome: { status: outcome.status, result: outcome.result, error } });
  }
  await session.close();
  await client.close();
  return { executions };
}
