// Runs the command line of the official suite with the arguments and returns {code,
// output}. pkg is its folder in node_modules. Each run evaluates the command again but shares
// the libraries, which take longer to load than many scenarios take to run. Each run has its
// own arguments, exit code and output, although they belong to the process.
import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';

const runs = new AsyncLocalStorage();
let last = 0;

const { argv, exit } = process;
Object.defineProperty(process, 'argv', { get: () => runs.getStore()?.argv ?? argv });
process.exit = (code) => (runs.getStore()?.end ?? exit)(code);
for (const name of ['log', 'info', 'warn', 'error']) {
  const print = console[name];
  console[name] = (...values) => {
    const run = runs.getStore();
    if (!run) return print(...values);
    run.output += format(...values) + '\n';
  };
}

export default function conformance({ pkg, args }) {
  return new Promise((resolve, reject) => {
    const run = { argv: ['node', pkg, ...args], output: '' };
    run.end = (code = 0) => resolve({ code, output: run.output });
    runs.run(run, async () => {
      try {
        await import(`./node_modules/${pkg}/dist/index.js?${++last}`);
        if (args[0] === 'list') run.end(); // every other command ends by process.exit
      } catch (err) {
        reject(err);
      }
    });
  });
}
