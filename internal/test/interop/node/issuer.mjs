// An authorization server that others wrote, for the clients of signin.mjs: PKCE,
// dynamic registration, resource indicators, JWT access tokens, rotation of refresh
// tokens and the iss parameter. It signs everybody in as ada, an analyst, without a
// form. MCP_RESOURCE is the endpoint that tokens are for. It prints its URL.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { MCP_RESOURCE: resource } = process.env;
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
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
    scopes: ['openid', 'offline_access', 'tools'],
    pkce: { required: () => true },
    clientDefaults: { token_endpoint_auth_method: 'none' },
    issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
    extraTokenClaims: () => ({ groups: ['analysts'] }),
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of this test only'] },
  });
  const callback = provider.callback();
  server.on('request', async (req, res) => {
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
  process.stdout.write(url + '\n');
});
process.stdin.resume().on('end', () => process.exit(0)); // the test has ended
