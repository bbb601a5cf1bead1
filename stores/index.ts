import type { Store } from '../src/domain/ports/store.js';
import type { GuardedFetch } from '../src/net/guarded-fetch.js';
import { createFilesystemStore } from './filesystem/filesystem-store.js';
import type { FilesystemStoreOptions } from './filesystem/options.js';
import { createHttpStore } from './http/http-store.js';
import { createMemoryStore } from './memory/memory-store.js';

/** What the drivers need from the configuration. Functions, so that the options of a store that is not used are not looked at. */
export interface StoreSettings {
  filesystem(): FilesystemStoreOptions;
  fetch(): GuardedFetch;
}

/** Every driver, by the name that `[glance_store] stores` gives it. */
export const STORE_FACTORIES: Readonly<Record<string, (settings: StoreSettings) => Store | Promise<Store>>> = {
  file: (settings) => createFilesystemStore(settings.filesystem()),
  http: (settings) => createHttpStore(settings.fetch()),
  memory: () => createMemoryStore(),
};

/**
 * Opens the stores that `[glance_store] stores` names; Glance's old names (`glance.store.http.Store`) mean the same.
 * Throws an Error that names a store which does not exist, or a folder that cannot be used.
 */
export async function openStores(names: readonly string[], settings: StoreSettings): Promise<Store[]> {
  const drivers = [...new Set(names.map(driverName))];
  const opened: Store[] = [];
  try {
    for (const driver of drivers) {
      const factory = Object.hasOwn(STORE_FACTORIES, driver) ? STORE_FACTORIES[driver] : undefined;
      if (!factory) {
        throw new Error(`stores: there is no store '${driver}'. Known: ${Object.keys(STORE_FACTORIES).join(', ')}.`);
      }
      opened.push(await factory(settings));
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map((store) => store.close()));
    throw error;
  }
}

function driverName(name: string): string {
  const module = /^glance(?:_store|\.store)?\.(?:_drivers\.)?(\w+)\.Store$/.exec(name.trim())?.[1] ?? name.trim();
  return module === 'filesystem' ? 'file' : module;
}
