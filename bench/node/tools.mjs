// The four sample tools, with our schemas and results, for a server of either TypeScript SDK.
import { z } from 'zod';

const readOnly = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const measure = (unit) => z.object({ value: z.number(), unit: z.literal(unit) });
const answer = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value });
const refuse = (text) => ({ isError: true, content: [{ type: 'text', text }] });

const symbols = { add: '+', subtract: '-', multiply: '*', divide: '/' };
const operations = { add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b };
const started = Date.now();
let invocations = 0;

const users = [
  ['u-1001', 'Ada Byron', 'ada@example.com', 'Engineering', true],
  ['u-1002', 'Grace Murray', 'grace@example.com', 'Engineering', true],
  ['u-1003', 'Alan Mathison', 'alan@example.com', 'Research', true],
  ['u-1004', 'Katherine Coleman', 'katherine@example.com', 'Operations', false],
];

const calculate = {
  title: 'Calculator',
  description: 'Adds, subtracts, multiplies or divides two numbers.',
  annotations: readOnly,
  inputSchema: z.object({ operation: z.enum(['add', 'subtract', 'multiply', 'divide']), a: z.number(), b: z.number() }).strict(),
  outputSchema: z.object({ expression: z.string(), result: z.number() }),
};

const status = {
  title: 'Server status',
  description: 'Reports that the server is up, where it runs and for how long.',
  annotations: { ...readOnly, idempotentHint: false },
  inputSchema: z.object({}).strict(),
  outputSchema: z.object({
    status: z.literal('ok'), time: z.string(), source: z.enum(['lambda', 'process']), region: z.string(), function: z.string(), version: z.string(),
    log_stream: z.string(), protocol_versions: z.array(z.string()), uptime_seconds: z.number().min(0), invocations: z.number().min(0), duration_ms: z.number().min(0),
  }),
};

const weather = {
  title: 'Weather',
  description: 'Returns the current weather in a city: temperature, condition, humidity and wind.',
  annotations: { ...readOnly, openWorldHint: true },
  inputSchema: z.object({ city: z.string().min(1).max(80) }).strict(),
  outputSchema: z.object({ city: z.string(), temperature: measure('°C'), condition: z.string(), humidity: measure('%'), wind: measure('km/h'), source: z.enum(['sample', 'open-meteo']) }),
};

const lookupUser = {
  title: 'User directory',
  description: 'Looks up one user by id: name, email, department, and whether the account is active.',
  annotations: readOnly,
  inputSchema: z.object({ user_id: z.string().min(1).max(64) }).strict(),
  outputSchema: z.object({ user_id: z.string(), name: z.string(), email: z.string(), department: z.string(), active: z.boolean(), source: z.enum(['sample', 'dynamodb']) }),
};

// register adds the four tools to a server.
export function register(server) {
  invocations++;
  server.registerTool('calculate', calculate, async ({ operation, a, b }) => {
    if (operation === 'divide' && b === 0) return refuse('b is 0; division by 0 is not defined');
    return answer({ expression: `${a} ${symbols[operation]} ${b}`, result: operations[operation](a, b) });
  });
  server.registerTool('get_server_status', status, async () =>
    answer({
      status: 'ok', time: new Date().toISOString(), source: 'lambda', region: process.env.AWS_REGION, function: process.env.AWS_LAMBDA_FUNCTION_NAME,
      version: process.env.AWS_LAMBDA_FUNCTION_VERSION, log_stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      protocol_versions: ['2025-11-25', '2025-06-18', '2025-03-26'], uptime_seconds: (Date.now() - started) / 1000, invocations, duration_ms: 0,
    }));
  server.registerTool('get_weather', weather, async ({ city }) =>
    answer({ city, temperature: { value: 18.5, unit: '°C' }, condition: 'clear sky', humidity: { value: 60, unit: '%' }, wind: { value: 12, unit: 'km/h' }, source: 'sample' }));
  server.registerTool('lookup_user', lookupUser, async ({ user_id }) => {
    const found = users.find(([id]) => id === user_id);
    if (!found) return refuse(`there is no user "${user_id}"; ids have the form u-1001, the letter u and four digits`);
    const [id, name, email, department, active] = found;
    return answer({ user_id: id, name, email, department, active, source: 'sample' });
  });
  return server;
}
