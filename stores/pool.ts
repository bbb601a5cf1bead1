import { RegistryError } from '../src/domain/errors.js';
import type { Store } from '../src/domain/ports/store.js';
import type { StorePool } from '../src/domain/ports/store-pool.js';

/**
 * `defaultStore` is an id or a scheme.
 * Throws an Error when no store answers to it, or when two stores have the same id.
 */
export function createStorePool(stores: readonly Store[], defaultStore: string): StorePool {
  const byId = new Map(stores.map((store) => [store.id, store]));
  if (byId.size < stores.length) throw new Error('Two stores have the same id.');
  const named = (name: string): Store | undefined =>
    byId.get(name) ?? stores.find((store) => store.schemes.includes(name));
  const preferred = named(defaultStore);
  if (!preferred) throw new Error(`default_store: no store '${defaultStore}' is configured.`);
  return {
    stores,
    schemes: new Set(stores.flatMap((store) => store.schemes)),
    forWriting(name) {
      const store = name === undefined ? preferred : named(name);
      if (!store) throw new RegistryError('invalid', `Store for scheme ${name} not found`);
      return store;
    },
    forLocation(location) {
      const scheme = /^([^:]+):\/\//.exec(location.url)?.[1] ?? '';
      const { store: id } = location.metadata;
      const owner = typeof id === 'string' ? byId.get(id) : undefined;
      const store = owner?.schemes.includes(scheme) ? owner : stores.find(({ schemes }) => schemes.includes(scheme));
      if (!store) throw new RegistryError('invalid', `Store for scheme ${scheme} not found`);
      return store;
    },
    byId: (id) => byId.get(id),
    async close() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}
