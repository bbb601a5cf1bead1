#!/usr/bin/env node
import { run } from './run.js';
import { serve } from './serve.js';

// Glance's own program name, with Glance's own arguments: whoever starts it knows where the server is, so stdout stays the log's.
await run(() => serve(process.argv.slice(2), { command: 'glance-api', announce: false }));
