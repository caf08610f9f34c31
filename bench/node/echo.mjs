// Node's floor: a function that sends the body back, without any HTTP.
import { serve } from './runtime.mjs';

serve(async (event) => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: event.body }));
