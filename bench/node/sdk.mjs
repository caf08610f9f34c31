// The official TypeScript SDK 1.x, stateless and with JSON responses: a server and a
// transport for each request, as its documentation recommends.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { serveHTTP } from './adapters.mjs';
import { register } from './tools.mjs';

serveHTTP(async (request, response) => {
  const server = register(new McpServer({ name: 'bench', version: '1.0.0' }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
});
