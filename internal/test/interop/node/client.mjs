// Connects the client to the URL with the key, lists the tools, makes the calls, and
// returns {protocol, session, tools, results} or {error}. mcp-remote stores data
// about servers in home. A client's library is loaded when a request first names it.
const who = { name: 'interop', version: '1.0.0' };
const headers = (key) => ({ requestInit: { headers: { 'x-api-key': key } } });

async function sdk1({ url, key }) {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  return [new Client(who), new StreamableHTTPClientTransport(new URL(url), headers(key))];
}

async function sdk2({ url, key }, options) {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  return [new Client(who, options), new StreamableHTTPClientTransport(new URL(url), headers(key))];
}

// mcp-remote is a stdio server that forwards to ours, as Claude Desktop starts it. It prints
// the reason why it exits to standard error.
async function mcpRemote({ url, key, home }) {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      new URL('node_modules/mcp-remote/dist/proxy.js', import.meta.url).pathname,
      url, '--allow-http', '--transport', 'http-only', '--header', 'x-api-key:${MCP_KEY}',
    ],
    env: { ...process.env, MCP_KEY: key, HOME: home, MCP_REMOTE_CONFIG_DIR: home },
    stderr: 'pipe',
  });
  let printed = '';
  transport.stderr.on('data', (data) => { printed += data; });
  return [new Client(who), transport, () => printed];
}

const clients = {
  'sdk-1': sdk1,
  'sdk-2': sdk2,
  'sdk-2-auto': (at) => sdk2(at, { versionNegotiation: { mode: 'auto' } }),
  'mcp-remote': mcpRemote,
};

export default async function use(at) {
  const [client, transport, printed = () => ''] = await clients[at.client](at);
  try {
    await client.connect(transport);
    const { tools } = await client.listTools();
    const results = [];
    for (const call of at.calls ?? []) {
      results.push(await client.callTool(call).catch((err) => ({ protocolError: err.message })));
    }
    const protocol = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion ?? '';
    const session = Boolean(transport.sessionId);
    return { protocol, session, tools: tools.map((t) => t.name), results };
  } catch (err) {
    return { error: `${err?.message ?? err}\n${printed()}` };
  } finally {
    await client.close();
  }
}
