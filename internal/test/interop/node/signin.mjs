// Connects to the URL with a client that has no credentials: it finds the issuer, registers
// and signs in with name and groups (browser.mjs). Then it lists the tools and makes the
// calls, and repeats both with each bad token, so that the client has to refresh it: a token
// with a wrong signature and, if the test's issuer can mint them (at the URL mint), one that
// has expired and one for another audience. With metadata, the client's id is the URL of its
// metadata. It returns {tools, results, refreshed, registrations, rejections}. mcp-remote
// stores tokens in home.
import { browse, open } from './browser.mjs';

const who = { name: 'interop', version: '1.0.0' };

// Person stores the client's data, and signs in.
class Person {
  constructor(request) {
    this.request = request;
    this.clientMetadataUrl = request.metadata || undefined;
  }
  registrations = 0;
  redirectUrl = 'http://127.0.0.1:3118/callback';
  clientMetadata = {
    client_name: 'interop', redirect_uris: [this.redirectUrl], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'none',
  };
  state() { return 'a state & more'; }
  clientInformation() { return this.client; }
  saveClientInformation(client) {
    if (client.client_id !== this.clientMetadataUrl) this.registrations++;
    this.client = client;
  }
  tokens() { return this.saved; }
  saveTokens(tokens) { this.saved = tokens; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }

  async redirectToAuthorization(to) {
    const back = await browse(to, this.request);
    if (!back.href.startsWith(this.redirectUrl)) throw new Error(`sent to ${back.href}`);
    this.callback = back.searchParams;
    if (this.callback.get('state') !== this.state()) throw new Error('the state did not come back');
  }
}

async function sdk1(url, authProvider) {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  return [new Client(who), new StreamableHTTPClientTransport(new URL(url), { authProvider }), (p) => [p.get('code')]];
}

async function sdk2(url, authProvider, options) {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  return [new Client(who, options), new StreamableHTTPClientTransport(new URL(url), { authProvider }), (p) => [p]];
}

const clients = {
  'sdk-1': sdk1,
  'sdk-2': sdk2,
  'sdk-2-auto': (url, authProvider) => sdk2(url, authProvider, { versionNegotiation: { mode: 'auto' } }),
};

async function listAndCall(client, calls, results) {
  const { tools } = await client.listTools();
  for (const call of calls) {
    results.push(await client.callTool(call).catch((err) => ({ protocolError: err.message })));
  }
  await client.close();
  return tools.map((t) => t.name);
}

async function use(person, results) {
  const { client: library, url, calls } = person.request;
  let [client, transport, argument] = await clients[library](url, person);
  try {
    await client.connect(transport);
  } catch (err) {
    if (!person.callback) throw err; // it was not sent to the issuer
    await transport.finishAuth(...argument(person.callback));
    delete person.callback;
    [client, transport] = await clients[library](url, person);
    await client.connect(transport);
  }
  return listAndCall(client, calls, results);
}

// reject sends a bad token to the server and returns the server's response.
async function reject(url, token) {
  const response = await fetch(url, {
    method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  const header = (n) => response.headers.get(n) ?? '';
  return { status: response.status, challenge: header('www-authenticate'), remapped: header('x-amzn-remapped-www-authenticate') };
}

// badTokens returns tokens that the server has to reject, by what is wrong.
async function badTokens(mint, good) {
  const bad = { signature: good.slice(0, -10) + 'AAAAAAAAAA' };
  if (mint) {
    for (const kind of ['expired', 'audience']) {
      bad[kind] = await (await fetch(`${mint}?kind=${kind}`)).text();
    }
  }
  return bad;
}

export default async function signIn(request) {
  if (request.client === 'mcp-remote') return mcpRemote(request);
  const person = new Person(request);
  const results = [];
  const tools = await use(person, results);
  const rejections = {};
  let refreshed = true;
  for (const [kind, token] of Object.entries(await badTokens(request.mint, person.saved.access_token))) {
    const before = person.saved;
    rejections[kind] = await reject(request.url, token);
    person.saved = { ...before, access_token: token };
    await use(person, results);
    refreshed &&= person.saved.access_token !== token && person.saved.refresh_token !== before.refresh_token;
  }
  return { tools, results, refreshed, registrations: person.registrations, rejections };
}

let nextPort = process.pid;

// mcp-remote is a stdio server that forwards to ours, as Claude Desktop starts it. It prints
// the URL to visit, and browse visits it. By default mcp-remote derives the callback port from
// the URL. If that port is in use, it registers the port and listens on the next one, so we
// pass a port below the range that Linux assigns.
async function mcpRemote({ url, calls, home, ...person }) {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const callbackPort = 10000 + (nextPort++ % 20000);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      new URL('node_modules/mcp-remote/dist/proxy.js', import.meta.url).pathname, url, String(callbackPort), '--allow-http', '--transport', 'http-only',
    ],
    env: { ...process.env, HOME: home, MCP_REMOTE_CONFIG_DIR: home }, stderr: 'pipe',
  });
  let printed = '';
  let visited;
  transport.stderr.on('data', (data) => {
    printed += data;
    const to = printed.match(/visiting:\s+(http\S+)\s/)?.[1];
    if (!to || visited) return;
    visited = browse(to, person).then(open).catch((err) => { printed += err.stack; });
  });
  const client = new Client(who);
  const results = [];
  try {
    await client.connect(transport, { timeout: 200_000 });
    const tools = await listAndCall(client, calls, results);
    return { tools, results, refreshed: true, registrations: visited ? 1 : 0, rejections: {} };
  } catch (err) {
    throw new Error(`${err.stack}\n${printed}`);
  } finally {
    await client.close();
  }
}
