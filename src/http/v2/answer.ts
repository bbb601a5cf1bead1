import type { Context } from '../context.js';

/** A JSON answer. Unlike v1's it has no blanks between its tokens: no client of v2 looks at them. */
export function sendJson(ctx: Context, value: object, status = 200): void {
  ctx.status = status;
  ctx.set('Content-Type', 'application/json');
  ctx.body = JSON.stringify(value);
}
