// The lower bound for Node: a function that returns the body, without HTTP.
import { serve } from './runtime.mjs';

serve(async (event) => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: event.body }));
