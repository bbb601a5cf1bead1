import { RegistryError } from '../../src/domain/errors.js';
import { type ImageId, isImageId } from '../../src/domain/image.js';
import type { Location } from '../../src/domain/location.js';
import type { SwiftStoreOptions } from './options.js';

/** Where an object is. `account` is the last part of an account's URL (`AUTH_...`), absent for the account of the credentials. */
export interface Place {
  readonly account?: string;
  readonly container: string;
  readonly object: string;
}

/** A place that a location names. `parent` is what the location has before the account: `host/v1`. */
export interface NamedPlace extends Place {
  readonly parent?: string;
}

/** The container of an image. With a seed its id chooses it, hyphens not counted, as in Glance. */
export function containerFor(key: ImageId, { container, multiTenant, seed }: SwiftStoreOptions): string {
  if (multiTenant) return `${container}_${key}`;
  if (seed === 0) return container;
  const [chosen = ''] = new RegExp(`^(?:-?[0-9a-f]){1,${seed}}`).exec(key.toLowerCase()) ?? [];
  return `${container}_${chosen}`;
}

/** The account of a project beside one whose URL is known: both begin with the same reseller prefix. */
export function accountOf(project: string, storageUrl: string): string {
  const [, prefix = ''] = /\/([^/_]*_)?[^/]*$/.exec(storageUrl) ?? [];
  return prefix + project;
}

/** A URL without its scheme and its last part. */
export function parentOf(storageUrl: string): string {
  return storageUrl.replace(/^\w+:\/\//, '').replace(/\/[^/]*$/, '');
}

/** The scheme of the locations that this store writes. */
export function schemeOf(options: SwiftStoreOptions): string {
  if (options.reference !== undefined && !options.multiTenant) return 'swift+config';
  return (options.endpoint ?? options.access.address).startsWith('http:') ? 'swift+http' : 'swift+https';
}

/**
 * The URL of a place, without credentials: `swift+config://reference/container/object`, else `swift+http(s)://` with the address of the authentication,
 * or with that of the account where each project has its own.
 */
export function urlOf(place: Place, options: SwiftStoreOptions, storageUrl: string): string {
  const path = `${encodeURIComponent(place.container)}/${place.object}`;
  if (options.multiTenant) {
    const base = `${parentOf(storageUrl)}/${place.account ?? lastOf(storageUrl)}`;
    return `swift+${storageUrl.startsWith('http:') ? 'http' : 'https'}://${base}/${path}`;
  }
  if (options.reference !== undefined) return `swift+config://${options.reference}/${path}`;
  return `${schemeOf(options)}://${options.access.address.replace(/^\w+:\/\//, '')}/${path}`;
}

/** The place of this store that a location names; undefined when it names none. Credentials in old locations are passed over. */
export function placeOf({ url }: Location, options: SwiftStoreOptions): NamedPlace | undefined {
  const [, scheme, rest = ''] = /^(swift(?:\+https?|\+config)?):\/\/(?:[^@]*@)?([^?#@]+)$/.exec(url) ?? [];
  const [host = '', ...path] = rest.split('/');
  const object = path.pop() ?? '';
  const container = decoded(path.pop() ?? '');
  if (scheme === undefined || !isImageId(object) || !mayHold(container, object, options)) return undefined;
  if (scheme === 'swift+config') {
    return path.length === 0 && host === options.reference ? { container, object } : undefined;
  }
  if (options.multiTenant) {
    const account = path.pop();
    return account ? { parent: [host, ...path].join('/'), account, container, object } : undefined;
  }
  return hostIn(host) === hostIn(new URL(options.access.address).host) ? { container, object } : undefined;
}

/** Throws invalid when the location does not name a place of this store. */
export function ownPlace(location: Location, options: SwiftStoreOptions): NamedPlace {
  const place = placeOf(location, options);
  if (!place) throw new RegistryError('invalid', 'The location is not one of this Swift store.');
  return place;
}

/** Whether a container is, or under another seed was, the one of an image. */
function mayHold(container: string, object: string, options: SwiftStoreOptions): boolean {
  if (options.multiTenant) return container === containerFor(object, options);
  const prefix = `${options.container}_`;
  const chosen = container.startsWith(prefix) ? container.slice(prefix.length) : '';
  return container === options.container || (chosen !== '' && object.toLowerCase().startsWith(chosen));
}

function hostIn(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)$/, '');
}

function lastOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
