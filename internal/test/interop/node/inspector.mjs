// Runs the command line of the MCP Inspector many times in one process, because it takes
// longer to start than to run. It reads lines of JSON, {id, request}, where request lists the
// arguments of several runs. For each line it prints {id, result}, where result is a list of
// {code, stdout, stderr} up to the first run that fails with anything but a tool error. The
// Inspector's launcher calls the same two functions. Runs are sequential, because they write
// to the output of the process.
import { createInterface } from 'node:readline';
import { handleError, runCli } from '@modelcontextprotocol/inspector/clients/cli/build/index.js';

const toolFailed = 5;
const { stdout, stderr } = process;
const print = stdout.write.bind(stdout);

let run;
const collect = (name) => (text, ...rest) => {
  run[name] += text;
  rest.findLast((argument) => typeof argument === 'function')?.();
  return true;
};
stdout.write = collect('stdout');
stderr.write = collect('stderr');
const exit = process.exit;
process.exit = (code) => { run.code = code; };

for await (const line of createInterface({ input: process.stdin })) {
  const { id, request } = JSON.parse(line);
  const runs = [];
  for (const list of request) {
    run = { code: 0, stdout: '', stderr: '' };
    runs.push(run);
    await runCli(['node', 'inspector', ...list]).catch(handleError);
    if (run.code !== 0 && run.code !== toolFailed) break;
  }
  print(JSON.stringify({ id, result: runs }) + '\n');
}
exit(0);
