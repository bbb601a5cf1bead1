import { finished } from 'node:stream';
import type { Middleware } from 'koa';
import type { Audit, AuditEntry } from '../../domain/ports/audit.js';
import { type Action, actionOf } from '../action.js';
import type { Context, RequestState } from '../context.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method',
  409: 'conflict',
  410: 'gone',
  412: 'precondition',
  413: 'too-large',
  415: 'unsupported-media',
  416: 'range',
  429: 'limit',
  431: 'too-large',
  499: 'client-closed',
  503: 'unavailable',
};
const REFUSALS: readonly number[] = [401, 403, 429];

/** Characters of what a client chose. */
const LONGEST = 255;

/** The new image's id, which only the answer knows: in a URL of this server. */
function createdImage(ctx: Context): string | undefined {
  const location = ctx.res.statusCode === 201 ? ctx.res.getHeader('location') : undefined;
  return typeof location === 'string' ? location.slice(location.lastIndexOf('/') + 1) : undefined;
}

function resultOf(status: number, whole: boolean): AuditEntry['result'] {
  if (REFUSALS.includes(status)) return 'refused';
  if (status === 499 || !whole) return 'aborted';
  return status < 400 ? 'ok' : 'failed';
}

function entryOf(ctx: Context, action: Action, address: string, seconds: number): AuditEntry {
  const { actor, requestId, api, dataBytes } = ctx.state;
  const status = ctx.res.headersSent ? ctx.res.statusCode : 499;
  const result = resultOf(status, ctx.res.writableFinished);
  const image = action.name === 'create' ? createdImage(ctx) : action.image;
  return {
    requestId: requestId.slice(0, LONGEST),
    user: actor?.user?.slice(0, LONGEST) ?? null,
    project: actor?.tenant?.slice(0, LONGEST) ?? null,
    roles: (actor?.roles ?? []).slice(0, LONGEST),
    admin: actor?.isAdmin ?? false,
    address: ctx.state.client ?? address,
    api: api ?? null,
    method: (ctx.state.method ?? ctx.method).slice(0, LONGEST),
    action: action.name,
    image: image?.slice(0, LONGEST) ?? null,
    subject: action.subject?.slice(0, LONGEST) ?? null,
    status,
    result,
    reason:
      REASONS[status] ??
      (result === 'aborted' ? 'client-closed' : status >= 500 ? 'error' : status >= 400 ? 'other' : null),
    bytes: dataBytes ?? 0,
    seconds: Number(seconds.toFixed(6)),
  };
}

/** One entry for each request that changes something or reads image data, and for each that is refused, when its answer is over. */
export function auditLog(audit: Audit): Middleware<RequestState> {
  return async (ctx, next) => {
    const started = performance.now();
    // A connection that is over does not know its peer any more.
    const address = ctx.req.socket.remoteAddress ?? '-';
    const over = new Promise<void>((resolve) => {
      finished(ctx.res, () => resolve());
    });
    try {
      await next();
    } finally {
      // How many bytes went out is known only when the sender has ended too.
      void over.then(() => {
        const action = actionOf(ctx);
        if (!action.matters && !(ctx.res.headersSent && REFUSALS.includes(ctx.res.statusCode))) return;
        audit.write(entryOf(ctx, action, address, (performance.now() - started) / 1000));
      });
    }
  };
}
