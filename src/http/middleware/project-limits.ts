import { isIPv6 } from 'node:net';
import { finished } from 'node:stream';
import type { Middleware } from 'koa';
import type { LimitedBy, ProjectLimits, Traffic } from '../../service/project-limits.js';
import { actionOf } from '../action.js';
import type { Context, RequestState } from '../context.js';
import { HttpFault } from '../fault.js';
import { contentLength } from '../request-body.js';

export interface ProjectLimitsOptions {
  readonly limits: ProjectLimits;
  /** Whether administrators may do as much as they like. */
  readonly exemptAdmins: boolean;
}

const TEXTS: Readonly<Record<LimitedBy, string>> = {
  requests: 'Too many requests of one project.',
  uploads: 'Too many uploads of one project at the same time.',
  'upload-bytes': 'One project has uploaded too many bytes.',
  'download-bytes': 'One project has downloaded too many bytes.',
};

/** The networks of IPv6 that one customer gets hold 2^64 addresses: they count as one. */
function neighbourhood(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [before = '', after] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const head = before.split(':').filter(Boolean);
  const tail = (after ?? '').split(':').filter(Boolean);
  const gap = after === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return `${[...head, ...gap, ...tail].slice(0, 4).join(':')}::/64`;
}

/** Whose limits a request counts against: the project's, of those without one the user's, of those without a name the address's. */
export function payerOf(ctx: Context): string {
  const { actor } = ctx.state;
  if (actor?.tenant) return `project ${actor.tenant}`;
  if (actor?.user) return `user ${actor.user}`;
  return `address ${neighbourhood(ctx.state.client ?? ctx.req.socket.remoteAddress ?? '')}`;
}

/**
 * The bytes of a request and its answer, as far as its connection tells: that has read a little of the body when the request begins, so a body that
 * is whole counts by its announced length, and one without a length by the image data that was taken from it.
 */
function trafficOf(ctx: Context): Traffic {
  const { socket } = ctx.req;
  const start = { read: socket.bytesRead, written: socket.bytesWritten };
  const charged = { received: 0, sent: 0 };
  return () => {
    const length = contentLength(ctx.req);
    const read = Math.max(socket.bytesRead - start.read, actionOf(ctx).uploads ? (ctx.state.dataBytes ?? 0) : 0);
    const received = ctx.req.complete && length !== undefined ? length : read;
    const sent = socket.bytesWritten - start.written;
    const more = { received: received - charged.received, sent: sent - charged.sent };
    Object.assign(charged, { received, sent });
    return more;
  };
}

/** Refuses with 429 and Retry-After what exceeds the limits of a project; to follow authentication. */
export function projectLimits({ limits, exemptAdmins }: ProjectLimitsOptions): Middleware<RequestState> {
  return async (ctx, next) => {
    if (exemptAdmins && ctx.state.actor?.isAdmin) return next();
    const { uploads, downloads } = actionOf(ctx);
    const leave = limits.admit(payerOf(ctx), { uploads, downloads, traffic: trafficOf(ctx) });
    if ('limitedBy' in leave) {
      const seconds = Math.max(1, Math.ceil(leave.retryAfter));
      const explanation = `${TEXTS[leave.limitedBy]} Try again in ${seconds} seconds.`;
      throw new HttpFault(429, { explanation }, { 'Retry-After': String(seconds) });
    }
    const over = new Promise<void>((resolve) => {
      finished(ctx.res, () => resolve());
    });
    try {
      await next();
    } finally {
      void over.then(leave.end);
    }
  };
}
