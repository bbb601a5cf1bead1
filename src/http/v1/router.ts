import type { ChainLink } from '../context.js';
import { fault, HttpFault } from '../fault.js';
import { type Handler, type Route, routes } from '../routes.js';
import type { V1Api } from './api.js';
import { create } from './create.js';
import { detail, index } from './list.js';
import { listMembers, putMember, removeMember, replaceMembers, sharedImages } from './members.js';
import { remove } from './remove.js';
import { head, show } from './show.js';
import { update } from './update.js';

/** HEAD on details is there to be refused, with a shorter list than other methods get (image-api-v1 section 1.2). */
const refuseHeadOfDetails: Handler<V1Api> = () => {
  const explanation = 'This operation is currently not permitted on Glance images details.';
  throw new HttpFault(405, { explanation }, { Allow: 'GET' });
};

/** Announced by Allow, but never written upstream: a 405 without the header. */
const refuseGetOfMember: Handler<V1Api> = () => {
  throw fault(405);
};

const IMAGES = { GET: index, POST: create };
const DETAILS = { GET: detail, HEAD: refuseHeadOfDetails };
const IMAGE = { GET: show, HEAD: head, PUT: update, DELETE: remove };

/** The routes of API v1 (image-api-v1 section 1.2), but cache management. */
const ROUTES: readonly Route<V1Api>[] = [
  { path: '/v1/', any: index },
  { path: '/v1/images', methods: IMAGES },
  { path: '/v1/images/detail', methods: DETAILS },
  { path: '/v1/images/:id', methods: IMAGE },
  { path: '/v1/images/:id/members', methods: { GET: listMembers, PUT: replaceMembers } },
  {
    path: '/v1/images/:id/members/:member',
    methods: { GET: refuseGetOfMember, PUT: putMember, DELETE: removeMember },
  },
  { path: '/v1/shared-images/:member', any: sharedImages },
];

/** Paths of the API's first manual beside those: trailing slashes. */
const MANUAL_ROUTES: readonly Route<V1Api>[] = [
  { path: '/v1/images/', methods: IMAGES },
  { path: '/v1/images/detail/', methods: DETAILS },
  { path: '/v1/images/:id/', methods: IMAGE },
];

export function v1Routes(api: V1Api): ChainLink {
  return routes(api.dialect.manual ? [...ROUTES, ...MANUAL_ROUTES] : ROUTES, api);
}
