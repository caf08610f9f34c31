// Converts a Lambda event to a server's input: a request over a connection to a node:http
// server in this process, or a web-standard Request. The cost of each adapter is measured
// separately (echo_http.mjs and echo_web.mjs against echo.mjs) and subtracted from the
// servers' numbers.
import http from 'node:http';
import { exchange, serve } from './runtime.mjs';

// serveHTTP passes events to a node:http request listener.
export function serveHTTP(listener) {
  const server = http.createServer(listener);
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    serve(async (event) => {
      const path = event.rawPath;
      const { method } = event.requestContext.http;
      const headers = { ...event.headers, 'content-length': Buffer.byteLength(event.body) };
      const { status, headers: answered, body } = await exchange({ host: '127.0.0.1', port, agent, method, path, headers }, event.body);
      return { statusCode: status, headers: answered, body };
    });
  });
}

// serveWeb passes events to a function from Request to Response.
export function serveWeb(fetch) {
  serve(async (event) => {
    const request = new Request(`https://${event.requestContext.domainName}${event.rawPath}`, {
      method: event.requestContext.http.method,
      headers: event.headers,
      body: event.body,
    });
    const response = await fetch(request);
    return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  });
}
