// Connects to MCP_URL with MCP_KEY by the client named on the command line,
// lists the tools, makes the calls given as JSON in MCP_CALLS, and prints one
// JSON object: {protocol, session, tools, results} or {error}. The Go tests judge.
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';

const { MCP_URL: url, MCP_KEY: key, MCP_CALLS: calls = '[]' } = process.env;
const who = { name: 'interop', version: '1.0.0' };
const headers = { requestInit: { headers: { 'x-api-key': key } } };

const clients = {
  'sdk-1': () => [new Client1(who), new Http1(new URL(url), headers)],
  'sdk-2': () => [new Client2(who), new Http2(new URL(url), headers)],
  'sdk-2-auto': () => [
    new Client2(who, { versionNegotiation: { mode: 'auto' } }),
    new Http2(new URL(url), headers),
  ],
  // mcp-remote is a stdio server in front of ours, as Claude Desktop starts it.
  'mcp-remote': () => [
    new Client1(who),
    new StdioClientTransport({
      command: process.execPath,
      args: [
        new URL('node_modules/mcp-remote/dist/proxy.js', import.meta.url).pathname,
        url, '--allow-http', '--transport', 'http-only', '--header', 'x-api-key:${MCP_KEY}',
      ],
      env: { ...process.env },
      stderr: 'inherit', // it says there why it ends
    }),
  ],
};

async function main() {
  const [client, transport] = clients[process.argv[2]]();
  await client.connect(transport);
  const { tools } = await client.listTools();
  const results = [];
  for (const call of JSON.parse(calls)) {
    results.push(await client.callTool(call).catch((err) => ({ protocolError: err.message })));
  }
  const protocol = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion ?? '';
  const session = Boolean(transport.sessionId);
  await client.close();
  return { protocol, session, tools: tools.map((t) => t.name), results };
}

const deadline = setTimeout(() => finish({ error: 'no answer within 45 seconds' }), 45_000);

function finish(answer) {
  clearTimeout(deadline);
  process.stdout.write(JSON.stringify(answer) + '\n', () => process.exit(0));
}

main().then(finish, (err) => finish({ error: String(err?.message ?? err) }));
