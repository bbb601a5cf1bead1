#!/usr/bin/env node
import { run } from './run.js';
import { syncCommand } from './sync-command.js';

await run(() => syncCommand(process.argv.slice(2), 'image-sync'));
