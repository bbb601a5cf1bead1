import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { StartupError } from './startup-error.js';

/** Seconds for which a port that is in use is tried again: a restarted server may come before its predecessor is gone. */
const TRIES_SECONDS = 30;

function bind(server: Server, host: string, port: number, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      server.off('error', settle).off('listening', settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    server.once('error', settle).once('listening', settle).listen({ host, port, backlog });
  });
}

/** Binds a server to its address. Throws StartupError when that cannot be done, for a port in use after 30 seconds (image-api-v1 section 7.2). */
export async function listen(server: Server, host: string, port: number, backlog: number): Promise<void> {
  const end = performance.now() + TRIES_SECONDS * 1000;
  for (;;) {
    try {
      await bind(server, host, port, backlog);
      return;
    } catch (error) {
      const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!inUse) throw new StartupError(`Could not bind to ${host}:${port}: ${String(error)}`, 1, { cause: error });
      if (performance.now() > end) {
        throw new StartupError(`Could not bind to ${host}:${port} after trying for ${TRIES_SECONDS} seconds`, 1, {
          cause: error,
        });
      }
      await wait(500);
    }
  }
}
