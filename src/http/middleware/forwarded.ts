import { isIP } from 'node:net';
import type { Middleware } from 'koa';
import { type Context, headerOf, type RequestState } from '../context.js';
import { hostOf, isHost } from '../origin.js';

export interface ForwardedOptions {
  /** Whether an address is a declared proxy's ([glimpse] trusted_proxies); what others say of themselves does not count. */
  readonly isProxy: (address: string) => boolean;
  /** `secure_proxy_ssl_header`: one more header that names the scheme. */
  readonly schemeHeader: string | undefined;
}

const LONGEST_PREFIX = 1024;

/** The first proxy's parameters of a Forwarded header (RFC 7239); of a list the first is the one that the client spoke to. */
function forwardedParameters(header: string): ReadonlyMap<string, string> {
  const [first = ''] = header.split(',', 1);
  const pairs = [...first.matchAll(/([a-z]+)\s*=\s*("[^"]*"|[^;,\s]*)/gi)];
  return new Map(pairs.map(([, name = '', value = '']) => [name.toLowerCase(), value.replaceAll('"', '')]));
}

function firstOf(ctx: Context, name: string): string | undefined {
  return headerOf(ctx.req, name)?.split(',', 1)[0]?.trim();
}

function originBehind(ctx: Context, schemeHeader: string | undefined): string {
  const forwarded = forwardedParameters(headerOf(ctx.req, 'forwarded') ?? '');
  const named = schemeHeader === undefined ? undefined : firstOf(ctx, schemeHeader.toLowerCase());
  const scheme = named ?? forwarded.get('proto') ?? firstOf(ctx, 'x-forwarded-proto');
  const host = forwarded.get('host') ?? firstOf(ctx, 'x-forwarded-host') ?? ctx.host;
  const sent = firstOf(ctx, 'x-forwarded-prefix') ?? '';
  const prefix = sent.length > LONGEST_PREFIX ? '' : sent.replace(/\/+$/, '');
  const safeScheme = scheme === 'https' || scheme === 'http' ? scheme : ctx.protocol;
  // Whatever a proxy says goes into links and a header: only what can stand in a URL.
  const safeHost = isHost(host) ? host : hostOf(ctx);
  const safePrefix = /^(\/[\w.~-]+)*$/.test(prefix) ? prefix : '';
  return `${safeScheme}://${safeHost}${safePrefix}`;
}

/** The nearest address that is no proxy of ours: what stands before it in the header, anybody may have written, whether or not it is an address itself. */
function clientBehind(ctx: Context, isProxy: (address: string) => boolean): string | undefined {
  const passed = (headerOf(ctx.req, 'x-forwarded-for') ?? '').split(',').map((address) => address.trim());
  const nearest = passed.reverse().find((address) => !isProxy(address)) ?? '';
  return isIP(nearest) === 0 ? undefined : nearest;
}

/** Where the client thinks the server is, as a declared proxy in front of it says (oslo.middleware's http_proxy_to_wsgi). */
export function forwarded(options: ForwardedOptions): Middleware<RequestState> {
  return (ctx, next) => {
    if (options.isProxy(ctx.req.socket.remoteAddress ?? '')) {
      ctx.state.origin = originBehind(ctx, options.schemeHeader);
      const client = clientBehind(ctx, options.isProxy);
      if (client !== undefined) ctx.state.client = client;
    }
    return next();
  };
}
