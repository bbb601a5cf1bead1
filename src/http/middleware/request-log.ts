import { randomUUID } from 'node:crypto';
import { finished } from 'node:stream';
import type { Middleware } from 'koa';
import type { Log } from '../../domain/ports/log.js';
import type { Context, RequestState } from '../context.js';
import { originalMethod } from '../unknown-head.js';

function line(ctx: Context, remote: string, started: bigint, log: Log): void {
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { actor, dataBytes = 0, requestId } = ctx.state;
  const bytes = dataBytes > 0 ? dataBytes : (ctx.response.length ?? 0);
  const status = ctx.res.headersSent ? ctx.res.statusCode : 499;
  const [path] = ctx.originalUrl.split('?', 1);
  log.info('request', {
    requestId,
    user: actor?.user ?? null,
    tenant: actor?.tenant ?? null,
    remote,
    method: ctx.state.method ?? ctx.method,
    path,
    status,
    bytes,
    seconds: Number(seconds.toFixed(6)),
  });
}

/** One line for every request, written when its answer is over, whichever way (499: the client left before there was one). */
export function requestLog(log: Log): Middleware<RequestState> {
  return async (ctx, next) => {
    const started = process.hrtime.bigint();
    ctx.state.requestId = `req-${randomUUID()}`;
    ctx.state.params = {};
    // A connection that is over does not know its peer any more.
    const remote = ctx.req.socket.remoteAddress ?? '-';
    const method = originalMethod(ctx.req);
    if (method !== undefined) ctx.state.method = method;
    finished(ctx.res, () => line(ctx, remote, started, log));
    await next();
  };
}
