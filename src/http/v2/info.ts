import { fault } from '../fault.js';
import { type Handler, unknown } from '../routes.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';

/** `GET /v2/info/import`: the import methods that work here, which are none yet (image-api-v2 section 2.8). */
export const importMethods: Handler<V2Api> = (ctx) => {
  sendJson(ctx, { 'import-methods': { description: 'Import methods available.', type: 'array', value: [] } });
};

/** `GET /v2/info/stores` and `/v2/info/stores/detail`: only sites with several stores tell them apart. */
export const stores: Handler<V2Api> = () => {
  throw fault(404, 'Multi backend is not supported at this site.');
};

/** `GET /v2/info/usage`: what counts against Keystone's limits, of which there are none here. Its other methods are unknown, not refused. */
export const usage: Handler<V2Api> = (ctx) => {
  if (ctx.method !== 'GET') throw unknown(ctx.method);
  sendJson(ctx, { usage: {} });
};
