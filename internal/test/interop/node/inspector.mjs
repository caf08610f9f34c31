// Runs the command line of the MCP Inspector, once for each list of arguments in
// INSPECTOR_RUNS, in one process: its start takes longer than a run. Prints a JSON
// list of {code, stdout, stderr}, up to the first run that fails by more than a tool
// error. The launcher of the Inspector calls the same two functions.
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

const runs = [];
for (const list of JSON.parse(process.env.INSPECTOR_RUNS)) {
  run = { code: 0, stdout: '', stderr: '' };
  runs.push(run);
  await runCli(['node', 'inspector', ...list]).catch(handleError);
  if (run.code !== 0 && run.code !== toolFailed) break;
}
print(JSON.stringify(runs) + '\n', () => exit(0));
