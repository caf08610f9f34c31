// The smallest loop that makes a Node program a Lambda function: fetch an event from the
// Runtime API, send the response, fetch the next event. Errors are only passed on, so that
// the loop adds as little as possible to the servers' cost.
import http from 'node:http';

// The variable is host:port in AWS; the local Runtime API adds a secret path.
const { hostname: host, port, pathname } = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}`);
const base = pathname.replace(/\/$/, '');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// exchange sends a request and reads the whole response.
export function exchange(options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const api = (method, path, body) =>
  exchange({ host, port, agent, method, path: `${base}/2018-06-01/runtime/${path}`, headers: body ? { 'content-length': Buffer.byteLength(body) } : {} }, body);

// serve handles events forever.
export async function serve(handle) {
  for (;;) {
    const next = await api('GET', 'invocation/next');
    const id = next.headers['lambda-runtime-aws-request-id'];
    try {
      await api('POST', `invocation/${id}/response`, JSON.stringify(await handle(JSON.parse(next.body))));
    } catch (error) {
      await api('POST', `invocation/${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.stack }));
    }
  }
}
