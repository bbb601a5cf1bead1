import type { Hasher } from '../src/domain/ports/hasher.js';
import type { Store } from '../src/domain/ports/store.js';
import type { GuardedFetch } from '../src/net/guarded-fetch.js';
import { createFilesystemStore } from './filesystem/filesystem-store.js';
import type { FilesystemStoreOptions } from './filesystem/options.js';
import { createHttpStore } from './http/http-store.js';
import { createMemoryStore } from './memory/memory-store.js';
import type { S3StoreOptions } from './s3/options.js';
import { createS3Store } from './s3/s3-store.js';
import type { SwiftStoreOptions } from './swift/options.js';
import { createSwiftStore } from './swift/swift-store.js';

/** What the drivers need from the configuration. Functions, so that the options of a store that is not used are not looked at. */
export interface StoreSettings {
  filesystem(): FilesystemStoreOptions;
  fetch(): GuardedFetch;
  s3(): S3StoreOptions;
  swift(): SwiftStoreOptions;
  /** Computes digests off the event loop. */
  readonly hasher: Hasher;
}

/** A store to open: the id that it goes by, the name of its driver, and where its options come from. */
export interface WantedStore {
  readonly id: string;
  readonly type: string;
  readonly settings: StoreSettings;
}

/** Every driver, by the name that `[glance_store] stores` and `enabled_backends` give it. */
export const STORE_FACTORIES: Readonly<Record<string, (wanted: WantedStore) => Store | Promise<Store>>> = {
  file: ({ id, settings }) => createFilesystemStore({ ...settings.filesystem(), id }),
  http: ({ id, settings }) => createHttpStore(settings.fetch(), id),
  s3: ({ id, settings }) => createS3Store({ ...settings.s3(), id }),
  swift: ({ id, settings }) => createSwiftStore({ ...settings.swift(), id }, settings.hasher),
  memory: ({ id }) => createMemoryStore(id),
};

/** The stores that `[glance_store] stores` names, each once, by the name of its driver. Glance's old names (`glance.store.http.Store`) mean the same. */
export function namedStores(names: readonly string[], settings: StoreSettings): WantedStore[] {
  return [...new Set(names.map(driverName))].map((type) => ({ id: type, type, settings }));
}

/** Opens stores. Throws an Error that names a driver which does not exist, or a folder that cannot be used; none stays open then. */
export async function openStores(wanted: readonly WantedStore[]): Promise<Store[]> {
  const opened: Store[] = [];
  try {
    for (const one of wanted) {
      const factory = Object.hasOwn(STORE_FACTORIES, one.type) ? STORE_FACTORIES[one.type] : undefined;
      if (!factory) {
        throw new Error(`stores: there is no store '${one.type}'. Known: ${Object.keys(STORE_FACTORIES).join(', ')}.`);
      }
      opened.push(await factory(one));
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
