import { existsSync } from 'node:fs';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.js';

/**
 * `GET /healthcheck`: 200 `OK`, or 503 `DISABLED BY FILE` while the file named by the filter's `disable_by_file_path` exists.
 * No authentication, outside of the version routing (image-api-v1 section 1.0).
 */
export function healthcheck(options: Readonly<Record<string, string>>): Middleware<RequestState> {
  const path = options.path ?? '/healthcheck';
  const file = options.disable_by_file_path;
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    const disabled = file !== undefined && file !== '' && file !== 'None' && existsSync(file);
    ctx.status = disabled ? 503 : 200;
    ctx.type = 'text/plain; charset=UTF-8';
    ctx.body = disabled ? 'DISABLED BY FILE' : 'OK';
  };
}
