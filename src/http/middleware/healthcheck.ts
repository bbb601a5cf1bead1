import { existsSync } from 'node:fs';
import type { Middleware } from 'koa';
import { preferred } from '../accept.js';
import { headerOf, type RequestState } from '../context.js';
import { pathSegments } from '../request-path.js';

type Page = readonly [type: string, body: string];

const PAGES: Readonly<Record<'text/plain' | 'text/html' | 'application/json', (reasons: readonly string[]) => Page>> = {
  'text/plain': (reasons) => ['text/plain; charset=UTF-8', reasons.join('\n')],
  'text/html': (reasons) => [
    'text/html; charset=UTF-8',
    `<html>\n<head><title>Healthcheck Status</title></head>\n<body>\n<h2>Result of ${reasons.length} checks:</h2>\n` +
      `${reasons.map((reason) => `<p>${reason}</p>\n`).join('')}</body>\n</html>`,
  ],
  'application/json': (reasons) => ['application/json', JSON.stringify({ detailed: false, reasons }, null, 4)],
};

/** What the probe likes best; one that likes nothing of it is told in plain text, since a refusal would pass for a failure. */
function page(accept: string | undefined, reasons: readonly string[]): Page {
  return PAGES[preferred(accept, ['text/plain', 'text/html', 'application/json']) ?? 'text/plain'](reasons);
}

/**
 * `GET /healthcheck`: 200, to HEAD 204, or 503 `DISABLED BY FILE` while the file named by the filter's `disable_by_file_path` exists.
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
    if (ctx.method === 'HEAD') {
      ctx.status = disabled ? 503 : 204;
      return;
    }
    const [type, body] = page(headerOf(ctx.req, 'accept'), watches ? [disabled ? 'DISABLED BY FILE' : 'OK'] : []);
    ctx.status = disabled ? 503 : 200;
    ctx.set('Content-Type', type);
    ctx.body = body;
  };
}
