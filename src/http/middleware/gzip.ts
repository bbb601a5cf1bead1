import { promisify } from 'node:util';
import { constants, gzip as deflate } from 'node:zlib';
import type { Middleware } from 'koa';
import { headerOf, type RequestState } from '../context.js';

const compress = promisify(deflate);

/** Whether the client takes gzip (Glance looks for the word, so does this; an explicit q=0 is honoured). */
export function acceptsGzip(header: string | undefined): boolean {
  return header !== undefined && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(header);
}

/** Compresses documents for clients that take gzip. Image data, which is streamed, is compressed where it is sent. */
export function gzip(): Middleware<RequestState> {
  return async (ctx, next) => {
    ctx.state.gzip = acceptsGzip(headerOf(ctx.req, 'accept-encoding'));
    await next();
    if (!ctx.state.gzip || typeof ctx.body !== 'string' || ctx.body === '' || ctx.method === 'HEAD') return;
    const status = ctx.status;
    ctx.body = await compress(ctx.body, { level: constants.Z_BEST_SPEED });
    ctx.status = status;
    ctx.set('Content-Encoding', 'gzip');
    ctx.vary('Accept-Encoding');
  };
}
