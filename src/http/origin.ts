import type { Context } from './context.js';

/** The address of the server as the client sees it, `scheme://host[:port]`, without a slash at its end. */
export function originOf(ctx: Context): string {
  return ctx.state.origin ?? `${ctx.protocol}://${ctx.host}`;
}
