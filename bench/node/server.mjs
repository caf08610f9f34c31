// The newer TypeScript server, stateless, with JSON answers in both eras of the
// protocol, by its web-standard face, which is the shortest way in.
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
