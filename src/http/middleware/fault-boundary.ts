import type { Middleware } from 'koa';
import { isRegistryError } from '../../domain/errors.js';
import type { Log } from '../../domain/ports/log.js';
import { type Context, headerOf, type RequestState } from '../context.js';
import { toFault } from '../error-map.js';
import { fault, HttpFault } from '../fault.js';
import { faultBody } from '../fault-body.js';

function asFault(error: unknown, ctx: Context, log: Log): HttpFault {
  if (error instanceof HttpFault) return error;
  if (isRegistryError(error)) return toFault(error, ctx.state.api);
  log.error('unexpected error', { error, requestId: ctx.state.requestId });
  return fault(500);
}

/** Headers that say the same of every answer to a request: its id, and which pages may read it. */
const KEPT = /^(x-openstack-request-id|vary|access-control-.*)$/;

/**
 * The one error boundary: whatever is thrown becomes an answer in the form that the client asked for.
 * Anything but a fault or a registry error is a 500 with a fixed text; the whole error goes to the log.
 */
export function faultBoundary(log: Log): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const answer = asFault(error, ctx, log);
      if (ctx.res.headersSent) {
        // The answer is on its way and cannot be changed: a broken connection is the only honest signal left.
        if (!(error instanceof HttpFault)) log.error('the answer broke off', { error, requestId: ctx.state.requestId });
        ctx.res.destroy();
        return;
      }
      for (const name of ctx.res.getHeaderNames()) if (!KEPT.test(name)) ctx.remove(name);
      ctx.respond = true;
      const { type, body } = faultBody(answer, headerOf(ctx.req, 'accept'), {
        method: ctx.state.method ?? ctx.method,
        mediaType: headerOf(ctx.req, 'content-type'),
      });
      ctx.status = answer.status;
      if (answer.status === 401 && ctx.state.challenge !== undefined) ctx.set('WWW-Authenticate', ctx.state.challenge);
      ctx.set(answer.headers);
      ctx.set('Content-Type', type);
      ctx.body = body;
    }
  };
}
