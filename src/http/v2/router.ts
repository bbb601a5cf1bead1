import type { ChainLink } from '../context.js';
import { type Route, routes } from '../routes.js';
import { deactivate, reactivate } from './actions.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';
import { download } from './download.js';
import { create, remove, show } from './images.js';
import { importMethods, stores, storesDetail, usage } from './info.js';
import { list } from './list.js';
import { addLocation, listLocations } from './locations.js';
import { addMember, listMembers, removeMember, showMember, updateMember } from './members.js';
import { patch } from './patch.js';
import { removeFromStore } from './remove-from-store.js';
import { SCHEMA_NAMES } from './schemas/create-schemas.js';
import { putTag, removeTag } from './tags.js';
import { upload } from './upload.js';

/** A path for each schema: where there is none no method is known either. */
const SCHEMAS: readonly Route<V2Api>[] = SCHEMA_NAMES.map((name) => ({
  path: `/v2/schemas/${name}`,
  methods: { GET: (ctx, api) => sendJson(ctx, api.schemas.document(name)) },
  noBody: ['GET'],
}));

/** The routes of API v2 (image-api-v2 section 2). `noBody` marks what the specification marks NB. */
const ROUTES: readonly Route<V2Api>[] = [
  { path: '/v2/images', methods: { GET: list, POST: create }, noBody: ['GET'] },
  {
    path: '/v2/images/:id',
    methods: { GET: show, PATCH: patch, DELETE: remove },
    noBody: ['GET', 'DELETE'],
  },
  {
    path: '/v2/images/:id/file',
    methods: { GET: download, HEAD: download, PUT: upload },
    noBody: ['GET', 'HEAD'],
  },
  { path: '/v2/images/:id/locations', methods: { GET: listLocations, POST: addLocation }, noBody: ['GET'] },
  { path: '/v2/images/:id/actions/deactivate', methods: { POST: deactivate }, noBody: ['POST'] },
  { path: '/v2/images/:id/actions/reactivate', methods: { POST: reactivate }, noBody: ['POST'] },
  { path: '/v2/images/:id/members', methods: { GET: listMembers, POST: addMember }, noBody: ['GET'] },
  {
    path: '/v2/images/:id/members/:member',
    methods: { GET: showMember, PUT: updateMember, DELETE: removeMember },
    noBody: ['GET', 'DELETE'],
  },
  { path: '/v2/images/:id/tags/:tag', methods: { PUT: putTag, DELETE: removeTag }, noBody: ['PUT', 'DELETE'] },
  { path: '/v2/stores/:store/:id', methods: { DELETE: removeFromStore }, noBody: ['DELETE'] },
  ...SCHEMAS,
  { path: '/v2/info/import', methods: { GET: importMethods }, noBody: ['GET'] },
  { path: '/v2/info/stores', methods: { GET: stores }, noBody: ['GET'] },
  { path: '/v2/info/stores/detail', methods: { GET: storesDetail }, noBody: ['GET'] },
  { path: '/v2/info/usage', any: usage },
];

export function v2Routes(api: V2Api): ChainLink {
  return routes(ROUTES, api);
}
