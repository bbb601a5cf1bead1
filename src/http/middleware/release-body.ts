import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.js';
import { hasBody, isAwaitingContinue } from '../request-body.js';

/**
 * An answer that comes before its request's body has been read: the rest of the body is read and dropped, so that a client that
 * writes first and reads later neither hangs nor finds its connection reset. A client that still waits for `100 Continue`
 * may send its body or not: only the end of the connection makes both right.
 */
export function releaseBody(): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    if (ctx.req.complete || !hasBody(ctx.req)) return;
    if (isAwaitingContinue(ctx.req) && !ctx.res.headersSent) ctx.set('Connection', 'close');
    drop(ctx.req);
  };
}

function drop(request: IncomingMessage): void {
  request.on('error', () => {});
  // Whoever reads no more of it must not hold it up either.
  request.unpipe();
  request.resume();
}
