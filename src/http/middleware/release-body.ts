import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.js';
import { hasBody, isAwaitingContinue } from '../request-body.js';

/** Milliseconds, and the bytes that have to come meanwhile. */
const WINDOW = 60_000;
const LEAST = 60 * 1024;

/**
 * An answer that comes before its request's body has been read: the rest of the body is read and dropped, so that a client that
 * writes first and reads later neither hangs nor finds its connection reset. A client that still waits for `100 Continue`
 * may send its body or not: only the end of the connection makes both right. Once it has been answered, one that brings less than a
 * kilobyte a second only holds a connection.
 */
export function releaseBody({ window = WINDOW, least = LEAST } = {}): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    if (ctx.req.complete || !hasBody(ctx.req)) return;
    if (isAwaitingContinue(ctx.req) && !ctx.res.headersSent) ctx.set('Connection', 'close');
    drop(ctx.req);
    endIfSlow(ctx.req, ctx.res, window, least);
  };
}

function drop(request: IncomingMessage): void {
  request.on('error', () => {});
  // Whoever reads no more of it must not hold it up either.
  request.unpipe();
  request.resume();
}

function endIfSlow(request: IncomingMessage, response: ServerResponse, window: number, least: number): void {
  let brought = 0;
  request.on('data', (chunk: Buffer) => {
    brought += chunk.length;
  });
  const watch = setInterval(() => {
    if (response.writableFinished && brought < least) request.socket.destroy();
    brought = 0;
  }, window);
  watch.unref();
  request.once('close', () => clearInterval(watch));
}
