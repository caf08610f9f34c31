// Connects to MCP_URL by the client named on the command line, which has no
// credentials: it finds the issuer, registers and signs in. The person in front of
// the browser is this script, which enters MCP_NAME and MCP_GROUPS into the form of
// the local issuer. Then it lists the tools, makes the calls of MCP_CALLS and
// does both again after the access token was spoiled, so that the client has to
// refresh it. It prints {tools, results, refreshed, registrations} or {error}.
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';

const { MCP_URL: url, MCP_NAME: name, MCP_GROUPS: groups, MCP_CALLS: calls = '[]' } = process.env;
const who = { name: 'interop', version: '1.0.0' };

// person keeps what a client stores, and signs in.
class Person {
  registrations = 0;
  redirectUrl = 'http://127.0.0.1:3118/callback';
  clientMetadata = {
    client_name: 'interop', redirect_uris: [this.redirectUrl], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'none',
  };
  state() { return 'a state & more'; }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.registrations++; this.client = client; }
  tokens() { return this.saved; }
  saveTokens(tokens) { this.saved = tokens; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }

  // The browser: it keeps cookies, follows redirects, fills in the form of the local
  // issuer, and stops when it is sent back to the client.
  async redirectToAuthorization(to) {
    const cookies = new Map();
    let options = {};
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...cookies].map((c) => c.join('=')).join('; ');
      const response = await fetch(to, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, key, value] = line.match(/^([^=]+)=([^;]*)/);
        cookies.set(key, value);
      }
      if (response.status >= 400) throw new Error(`the issuer answered ${response.status}: ${await response.text()}`);
      const location = response.headers.get('location');
      if (location) {
        to = new URL(location, to);
        options = {};
        if (!to.href.startsWith(this.redirectUrl)) continue;
        this.callback = to.searchParams;
        if (this.callback.get('state') !== this.state()) throw new Error('the state did not come back');
        return;
      }
      const form = new URLSearchParams({ name, groups });
      for (const [, field, value] of (await response.text()).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)) {
        form.set(field, value.replace(/&#(\d+);/g, (_, n) => String.fromCharCode(n)).replaceAll('&amp;', '&'));
      }
      to = new URL('/authorize', to);
      options = { method: 'POST', body: form, headers: { origin: to.origin } };
    }
    throw new Error('too many redirects');
  }
}

const clients = {
  'sdk-1': (authProvider) => [new Client1(who), new Http1(new URL(url), { authProvider }), (p) => [p.get('code')]],
  'sdk-2': (authProvider) => [new Client2(who), new Http2(new URL(url), { authProvider }), (p) => [p]],
  'sdk-2-auto': (authProvider) => [
    new Client2(who, { versionNegotiation: { mode: 'auto' } }), new Http2(new URL(url), { authProvider }), (p) => [p],
  ],
};

async function use(person, results) {
  let [client, transport, argument] = clients[process.argv[2]](person);
  try {
    await client.connect(transport);
  } catch (err) {
    if (!person.callback) throw err; // it was not sent to the issuer
    await transport.finishAuth(...argument(person.callback));
    delete person.callback;
    [client, transport] = clients[process.argv[2]](person);
    await client.connect(transport);
  }
  const { tools } = await client.listTools();
  for (const call of JSON.parse(calls)) {
    results.push(await client.callTool(call).catch((err) => ({ protocolError: err.message })));
  }
  await client.close();
  return tools.map((t) => t.name);
}

async function main() {
  const person = new Person();
  const results = [];
  const tools = await use(person, results);
  const first = person.saved;
  person.saved = { ...first, access_token: first.access_token.slice(0, -10) + 'AAAAAAAAAA' };
  await use(person, results);
  const refreshed = person.saved.access_token !== first.access_token && person.saved.refresh_token !== first.refresh_token;
  return { tools, results, refreshed, registrations: person.registrations };
}

const deadline = setTimeout(() => finish({ error: 'no response within 100 seconds' }), 100_000);

function finish(result) {
  clearTimeout(deadline);
  process.stdout.write(JSON.stringify(result) + '\n', () => process.exit(0));
}

main().then(finish, (err) => finish({ error: String(err?.stack ?? err) }));
