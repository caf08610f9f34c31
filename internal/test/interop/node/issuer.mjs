// A third-party authorization server (oidc-provider) for the clients of signin.mjs, with
// PKCE, dynamic registration, client ID metadata documents, resource indicators, JWT access
// tokens, rotation of refresh tokens and the iss parameter. It signs in every user as ada, an
// analyst, without a form. resource is the endpoint that tokens are for. metadata is the URL
// of a client's metadata, which is served here and not from the internet. hidden lists what
// the issuer's metadata omits, as some issuers do: pkce, iss. It returns {url}, and serves
// until the process ends. /mint?kind= returns tokens that a server must reject.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const key = { ...await exportJWK(privateKey), kid: 'test', use: 'sig', alg: 'RS256' };

// mint signs tokens that the provider would never issue.
function mint(issuer, resource, kind) {
  const now = Math.floor(Date.now() / 1000);
  const age = kind === 'expired' ? 3600 : 0;
  return new SignJWT({ scope: 'tools', groups: ['analysts'] }).setProtectedHeader({ alg: 'RS256', kid: 'test', typ: 'at+jwt' })
    .setIssuer(issuer).setSubject('ada').setIssuedAt(now - age).setExpirationTime(now - age + 600)
    .setAudience(kind === 'audience' ? 'https://other.example.com/signin/mcp' : resource).sign(privateKey);
}

export default async function serve({ resource, metadata, hidden }) {
  const document = {
    client_id: metadata, client_name: 'interop', redirect_uris: ['http://127.0.0.1:3118/callback'],
    grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none',
  };
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, indicator) => {
          if (indicator !== resource) throw new Error('unknown resource');
          return { scope: 'tools', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } }, accessTokenTTL: 600 };
        },
      },
    },
    jwks: { keys: [key] },
    fetch: async (to) => {
      if (String(to) !== metadata) throw new Error(`unexpected request for ${to}`);
      return new Response(JSON.stringify(document), { headers: { 'content-type': 'application/json' } });
    },
    scopes: ['openid', 'offline_access', 'tools'],
    pkce: { required: () => true },
    clientDefaults: { token_endpoint_auth_method: 'none' },
    issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
    extraTokenClaims: () => ({ groups: ['analysts'] }),
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of this test only'] },
  });
  provider.use(async (ctx, next) => {
    await next();
    const listed = ctx.path.startsWith('/.well-known/') ? ctx.body : undefined;
    if (hidden.includes('pkce')) delete listed?.code_challenge_methods_supported;
    if (hidden.includes('iss')) {
      delete listed?.authorization_response_iss_parameter_supported;
      const location = ctx.response.get('location');
      if (location?.includes('iss=')) {
        const to = new URL(location);
        to.searchParams.delete('iss');
        ctx.set('location', to.href);
      }
    }
  });
  const callback = provider.callback();
  server.on('request', async (req, res) => {
    const { pathname, searchParams } = new URL(req.url, url);
    if (pathname === '/mint') return res.end(await mint(url, resource, searchParams.get('kind')));
    if (!req.url.startsWith('/interaction/')) return callback(req, res);
    try {
      const { params } = await provider.interactionDetails(req, res);
      const grant = new provider.Grant({ accountId: 'ada', clientId: params.client_id });
      grant.addOIDCScope('openid offline_access tools'); // tools is listed in the metadata, so it counts as one
      grant.addResourceScope(resource, 'tools');
      await provider.interactionFinished(req, res, { login: { accountId: 'ada' }, consent: { grantId: await grant.save() } });
    } catch (err) {
      res.writeHead(500).end(String(err));
    }
  });
  return { url };
}
