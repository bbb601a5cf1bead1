import { METHODS } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import type { Middleware } from 'koa';
import type { Metrics } from '../../domain/ports/metrics.js';
import type { Context, RequestState } from '../context.js';

interface Traffic {
  readonly received: number;
  readonly sent: number;
}

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** The pattern of the route that took the request; healthchecks, version documents and unknown paths have none. */
function routeOf(ctx: Context): string {
  const matched: unknown = ctx._matchedRoute;
  return typeof matched === 'string' ? matched : 'none';
}

/** Observes every request when its answer is over, whichever way. */
export function requestMetrics(metrics: Metrics): Middleware<RequestState> {
  // What a connection has carried up to the end of its last request: the rest belongs to the current one.
  const counted = new WeakMap<Socket, Traffic>();
  return async (ctx, next) => {
    const started = performance.now();
    const { socket } = ctx.req;
    finished(ctx.res, () => {
      const before = counted.get(socket) ?? { received: 0, sent: 0 };
      const now = { received: socket.bytesRead, sent: socket.bytesWritten };
      counted.set(socket, now);
      const method = ctx.state.method ?? ctx.method;
      metrics.request({
        route: routeOf(ctx),
        method: KNOWN_METHODS.has(method) ? method : 'other',
        status: ctx.res.headersSent ? ctx.res.statusCode : 499,
        seconds: (performance.now() - started) / 1000,
        received: now.received - before.received,
        sent: now.sent - before.sent,
      });
    });
    await next();
  };
}
