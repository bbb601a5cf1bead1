import type { StoreOffer } from '../../domain/ports/store-pool.js';
import { actorOf } from '../context.js';
import { fault } from '../fault.js';
import { type Handler, unknown } from '../routes.js';
import { refuse } from './access.js';
import { sendJson } from './answer.js';
import type { V2Api } from './api.js';

/** `GET /v2/info/import`: the import methods that work here, which are none yet (image-api-v2 section 2.8). */
export const importMethods: Handler<V2Api> = (ctx) => {
  sendJson(ctx, { 'import-methods': { description: 'Import methods available.', type: 'array', value: [] } });
};

/** One store as everybody is told of it: flags are the text "true" or are not there. */
function presentStore({ store, description, isDefault }: StoreOffer): object {
  return {
    id: store.id,
    ...(description === null ? {} : { description }),
    ...(isDefault ? { default: 'true' } : {}),
    ...(store.can.write ? {} : { 'read-only': 'true' }),
  };
}

/** Throws 404 where only one store of each kind is: such sites do not tell stores apart. */
function offers(api: V2Api): readonly StoreOffer[] {
  if (!api.stores.several) throw fault(404, 'Multi backend is not supported at this site.');
  return api.stores.offers;
}

/** `GET /v2/info/stores`: image-api-v2 section 2.8. */
export const stores: Handler<V2Api> = (ctx, api) => {
  sendJson(ctx, { stores: offers(api).map(presentStore) });
};

/** `GET /v2/info/stores/detail`: with what only administrators and services may know. */
export const storesDetail: Handler<V2Api> = (ctx, api) => {
  const shown = offers(api).map((offer) => ({
    ...presentStore(offer),
    type: offer.store.description.type,
    ...(api.showsWeights ? { weight: offer.weight } : {}),
    properties: offer.store.description.properties,
  }));
  if (!api.policy.allows(actorOf(ctx), 'stores_info_detail', {})) throw refuse('stores_info_detail');
  sendJson(ctx, { stores: shown });
};

/** `GET /v2/info/usage`: what counts against Keystone's limits, of which there are none here. Its other methods are unknown, not refused. */
export const usage: Handler<V2Api> = (ctx) => {
  if (ctx.method !== 'GET') throw unknown(ctx.method);
  sendJson(ctx, { usage: {} });
};
