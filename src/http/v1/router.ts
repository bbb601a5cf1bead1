import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { ChainLink, RequestState } from '../context.js';
import { fault, HttpFault } from '../fault.js';
import type { Handler, V1Api } from './api.js';
import { create } from './create.js';
import { detail, index } from './list.js';
import { listMembers, putMember, removeMember, replaceMembers, sharedImages } from './members.js';
import { remove } from './remove.js';
import { head, show } from './show.js';
import { update } from './update.js';

type Methods = Readonly<Record<string, Handler>>;

function notAllowed(allow: string): HttpFault {
  return new HttpFault(405, {}, { Allow: allow });
}

/** HEAD on details is there to be refused, with a shorter list than other methods get (image-api-v1 section 1.2). */
const refuseHeadOfDetails: Handler = () => {
  const explanation = 'This operation is currently not permitted on Glance images details.';
  throw new HttpFault(405, { explanation }, { Allow: 'GET' });
};

/** Announced by Allow, but never written upstream: a 405 without the header. */
const refuseGetOfMember: Handler = () => {
  throw fault(405);
};

/** The routes of API v1 (image-api-v1 section 1.2), but cache management. */
const ROUTES: readonly (readonly [path: string, methods: Methods | Handler])[] = [
  ['/v1/', index],
  ['/v1/images', { GET: index, POST: create }],
  ['/v1/images/detail', { GET: detail, HEAD: refuseHeadOfDetails }],
  ['/v1/images/:id', { GET: show, HEAD: head, PUT: update, DELETE: remove }],
  ['/v1/images/:id/members', { GET: listMembers, PUT: replaceMembers }],
  ['/v1/images/:id/members/:member', { GET: refuseGetOfMember, PUT: putMember, DELETE: removeMember }],
  ['/v1/shared-images/:member', sharedImages],
];

/** Paths of the API's first manual beside those: trailing slashes. */
const MANUAL_ROUTES: typeof ROUTES = [
  ['/v1/images/', { GET: index, POST: create }],
  ['/v1/images/detail/', { GET: detail, HEAD: refuseHeadOfDetails }],
  ['/v1/images/:id/', { GET: show, HEAD: head, PUT: update, DELETE: remove }],
];

/** Methods that an unknown path answers with 404; all others are unknown themselves. */
const KNOWN = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

export function v1Routes(api: V1Api): ChainLink {
  const router = new Router<RequestState>({ strict: true, sensitive: true });
  for (const [path, target] of api.dialect.manual ? [...ROUTES, ...MANUAL_ROUTES] : ROUTES) {
    router.all(path, (ctx) => {
      ctx.state.params = ctx.params;
      if (typeof target === 'function') return target(ctx, api);
      const handler = Object.hasOwn(target, ctx.method) ? target[ctx.method] : undefined;
      if (handler === undefined) throw notAllowed(Object.keys(target).join(', '));
      return handler(ctx, api);
    });
  }
  return router.routes();
}

/** What no route matched. */
export const unknownRoute: Middleware<RequestState> = (ctx) => {
  throw fault(KNOWN.includes(ctx.method) ? 404 : 501);
};
