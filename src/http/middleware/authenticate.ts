import type { Middleware } from 'koa';
import type { Authenticator } from '../../domain/ports/authenticator.js';
import { headerOf, type RequestState } from '../context.js';
import { HttpFault } from '../fault.js';

export interface IdentityOptions {
  readonly authenticator: Authenticator;
  /** Whether the client may choose the request's id (not without authentication: image-api-v1 section 1.0). */
  readonly adoptsRequestId: boolean;
  /** Characters of a request id, `max_request_id_length`. */
  readonly maxRequestIdLength: number;
}

function adoptedId(sent: string, limit: number): string {
  if (sent.length > limit) {
    throw new HttpFault(431, { explanation: `Request ID length exceeded: at most ${limit} characters are allowed.` });
  }
  return sent.startsWith('req-') ? sent : `req-${sent}`;
}

/** Finds out who asks, and gives every answer behind it the request's id. */
export function authenticate(options: IdentityOptions): Middleware<RequestState> {
  return async (ctx, next) => {
    const sent = headerOf(ctx.req, 'x-openstack-request-id');
    if (options.adoptsRequestId && sent !== undefined && sent !== '') {
      ctx.state.requestId = adoptedId(sent, options.maxRequestIdLength);
    }
    ctx.set('x-openstack-request-id', ctx.state.requestId);
    const { challenge } = options.authenticator;
    if (challenge !== undefined) ctx.state.challenge = challenge;
    ctx.state.actor = await options.authenticator.authenticate({
      header: (name) => headerOf(ctx.req, name),
      remoteAddress: ctx.req.socket.remoteAddress ?? '',
    });
    await next();
  };
}
