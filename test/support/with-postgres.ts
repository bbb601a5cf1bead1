import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startPostgres } from './postgres.js';

/**
 * Runs a command with an empty PostgreSQL database as its `[database] connection`, and ends with its exit code:
 * `node with-postgres.js COMMAND [ARGUMENT...]`. Within such a command it uses the same server again, with a further database.
 */
async function run(command: string, args: readonly string[]): Promise<number> {
  const postgres = await startPostgres();
  try {
    const connection = await postgres.createDatabase();
    const env = { ...process.env, TEST_PG_URL: postgres.url(), OS_DATABASE__CONNECTION: connection };
    const child = spawn(command, args, { env, stdio: 'inherit' });
    // Both get the signal, as one process group; the database has to outlive the command.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
    const [code] = await once(child, 'exit');
    return typeof code === 'number' ? code : 1;
  } finally {
    await postgres.stop();
  }
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('usage: with-postgres COMMAND [ARGUMENT...]');
process.exitCode = await run(command, args);
