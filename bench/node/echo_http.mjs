// echo.mjs through the HTTP adapter. The difference from echo.mjs is the adapter's cost.
import { serveHTTP } from './adapters.mjs';

serveHTTP((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(Buffer.concat(chunks));
  });
});
