import type { Context } from '../context.js';
import { pythonJson } from '../python-json.js';

/** A JSON answer. */
export function sendJson(ctx: Context, value: object, status = 200): void {
  ctx.status = status;
  ctx.set('Content-Type', 'application/json');
  ctx.body = pythonJson(value);
}
