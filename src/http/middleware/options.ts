import type { Middleware } from 'koa';
import type { RequestState } from '../context.js';

/** With the cors filter every OPTIONS request that the API itself does not answer succeeds, empty (what browsers' preflights need). */
export function answerOptions(): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    if (ctx.method !== 'OPTIONS' || (ctx.status >= 200 && ctx.status < 300)) return;
    ctx.body = '';
    ctx.status = 200;
    ctx.type = 'text/html; charset=UTF-8';
  };
}
