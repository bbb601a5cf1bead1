#!/usr/bin/env node
import { manage } from './manage.js';
import { run } from './run.js';

await run(() => manage(process.argv.slice(2), { command: 'glance-manage', builtIn: false }));
