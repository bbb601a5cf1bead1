import type { Reader } from '../service/delivery.js';
import { type Context, headerOf } from './context.js';
import { queryParameters } from './request-path.js';

/** Who asks for bytes, as far as their delivery goes by it. */
export function readerOf(ctx: Context): Reader {
  const preferences = (headerOf(ctx.req, 'prefer') ?? '').split(',').map((preference) => preference.trim());
  return {
    address: ctx.state.client ?? ctx.req.socket.remoteAddress ?? '',
    hasToken: ['x-auth-token', 'x-service-token', 'authorization', 'cookie'].some(
      (name) => headerOf(ctx.req, name) !== undefined,
    ),
    wantsRedirect:
      preferences.includes('redirect') || new Map(queryParameters(ctx.originalUrl)).get('redirect') === '1',
  };
}
