import { existsSync } from 'node:fs';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.js';
import { pathSegments } from '../request-path.js';

/**
 * `GET /healthcheck`: 200, or 503 `DISABLED BY FILE` while the file named by the filter's `disable_by_file_path` exists.
 * The text `OK` is the word of that backend: a filter without backends answers with nothing, as oslo.middleware's does.
 * No authentication, outside of the version routing (image-api-v1 section 1.0).
 */
export function healthcheck(options: Readonly<Record<string, string>>): Middleware<RequestState> {
  const path = (options.path ?? '/healthcheck').replace(/^\//, '');
  const file = options.disable_by_file_path;
  const watches = /\bdisable_by_file\b/.test(options.backends ?? '');
  return async (ctx, next) => {
    const [first, ...rest] = pathSegments(ctx.req.url ?? '/');
    if (first !== path || rest.length > 0) return next();
    const disabled = watches && file !== undefined && file !== '' && file !== 'None' && existsSync(file);
    ctx.status = disabled ? 503 : 200;
    ctx.type = 'text/plain; charset=UTF-8';
    ctx.body = disabled ? 'DISABLED BY FILE' : watches ? 'OK' : '';
  };
}
