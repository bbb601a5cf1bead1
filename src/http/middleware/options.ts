import type { Middleware } from 'koa';
import { isRegistryError } from '../../domain/errors.js';
import type { RequestState } from '../context.js';
import { HttpFault } from '../fault.js';

/** With the cors filter every OPTIONS request that the API itself does not answer succeeds, empty (what browsers' preflights need). */
export function answerOptions(): Middleware<RequestState> {
  return async (ctx, next) => {
    if (ctx.method !== 'OPTIONS') return next();
    try {
      await next();
    } catch (error) {
      if (!(error instanceof HttpFault) && !isRegistryError(error)) throw error;
    }
    if (ctx.body !== undefined && ctx.status >= 200 && ctx.status < 300) return;
    ctx.body = '';
    ctx.status = 200;
    ctx.type = 'text/html; charset=UTF-8';
  };
}
