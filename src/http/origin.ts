import type { Context } from './context.js';

/** What can be a host in a URL. Whatever a client says goes into links and a header, and perhaps from there into somebody's cache. */
export function isHost(text: string): boolean {
  return /^[\w.:[\]-]+$/.test(text);
}

/** The address of the server as the client sees it, `scheme://host[:port]`, without a slash at its end; where the client names no host, as the connection has it. */
export function originOf(ctx: Context): string {
  return ctx.state.origin ?? `${ctx.protocol}://${hostOf(ctx)}`;
}

/** The host that the client names, or the address that it is connected to. */
export function hostOf(ctx: Context): string {
  if (isHost(ctx.host)) return ctx.host;
  const { localAddress = '', localPort = 0 } = ctx.req.socket;
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}
