// The newer TypeScript server, stateless and with JSON responses in both eras of the
// protocol. It uses the web-standard API, which needs the smallest adapter.
import { createMcpHandler, McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { serveWeb } from './adapters.mjs';
import { register } from './tools.mjs';

const create = () => register(new McpServer({ name: 'bench', version: '1.0.0' }));
const modern = createMcpHandler(create, { legacy: 'reject', responseMode: 'json' });

serveWeb(async (request) => {
  if (request.headers.get('mcp-protocol-version') === '2026-07-28') return modern.fetch(request);
  const server = create();
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(request);
});
