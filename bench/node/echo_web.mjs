// echo.mjs through the web-standard adapter.
import { serveWeb } from './adapters.mjs';

serveWeb(async (request) => new Response(await request.text(), { headers: { 'content-type': 'application/json' } }));
