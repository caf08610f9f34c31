// Runs the other scripts of this folder in one process: Node takes longer to start
// and to load a client than the client takes for its requests. Each line of standard
// input is {id, script, request}. The script's default export gets the request, and
// the line {id, result} is printed when it has finished; an error is {error}. The Go
// tests judge.
import { createInterface } from 'node:readline';

console.log = console.info = console.error; // standard output has the results

async function run(script, request) {
  try {
    const { default: handle } = await import(`./${script}.mjs`);
    return await handle(request);
  } catch (err) {
    return { error: String(err?.stack ?? err) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, script, request } = JSON.parse(line);
  run(script, request).then((result) => process.stdout.write(JSON.stringify({ id, result }) + '\n'));
}
process.exit(0);
