// Runs the other scripts of this folder in one process, because starting Node and loading a
// client takes longer than the client's requests. Each line of standard input is {id,
// script, request}. The script's default export is called with the request, and the line {id,
// result} is printed when it has finished; an error is {error}. The Go tests check the
// results.
import { createInterface } from 'node:readline';

console.log = console.info = console.error; // standard output is for results

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
