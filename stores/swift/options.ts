import type { SwiftStoreTexts } from './option-texts.js';

/** How a domain of Keystone is named. */
export type Domain = { readonly id: string } | { readonly name: string };

/** Credentials of one Swift account: by Swift's own service (tempauth and its like), or by Keystone. */
export type SwiftAccess =
  | { readonly version: 1; readonly address: string; readonly user: string; readonly key: string }
  | {
      readonly version: 3;
      /** With its `/v3`. */
      readonly address: string;
      readonly user: string;
      readonly key: string;
      readonly project: string;
      readonly userDomain: Domain;
      readonly projectDomain: Domain;
    };

export interface SwiftStoreOptions {
  /** Name of the store in the configuration; `swift` unless there are several. */
  readonly id?: string;
  readonly access: SwiftAccess;
  /** The entry of `swift_store_config_file` that the access is from; locations then name it instead of the address. */
  readonly reference?: string;
  readonly insecure: boolean;
  /** File of CA certificates (PEM). */
  readonly caFile?: string;
  readonly region?: string;
  /** The account's URL, in place of the one that authentication gives. */
  readonly endpoint?: string;
  readonly endpointInterface: string;
  readonly serviceType: string;
  readonly container: string;
  readonly createContainer: boolean;
  /** Images lie in the account of the project that owns them, in a container of their own. */
  readonly multiTenant: boolean;
  /** Characters of an image's id that choose its container; 0 is one container for all. */
  readonly seed: number;
  readonly adminTenants: readonly string[];
  /** Bytes from which an image is stored in segments; one of unknown size always is. */
  readonly largeObjectBytes: number;
  readonly segmentBytes: number;
  readonly largeObjectType: 'slo' | 'dlo';
  readonly tempUrlKey?: string;
  /** Times that a broken download is taken up again. */
  readonly resumes: number;
  /** Seconds before its end at which a token is replaced. */
  readonly expireSoonSeconds: number;
  readonly limits?: Partial<SwiftLimits>;
}

export interface SwiftLimits {
  readonly connectMs: number;
  /** From the end of a request, or its last byte that moved, to the headers of the answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
  /** Before the first of three repetitions of a request that failed for no reason of its own; four times longer before each next. */
  readonly retryMs: number;
}

export const DEFAULT_SWIFT_LIMITS: SwiftLimits = {
  connectMs: 10_000,
  headersMs: 120_000,
  idleMs: 60_000,
  retryMs: 100,
};

const MEBIBYTE = 1024 * 1024;

/** Swift takes no larger object in one request. */
const MOST_MEBIBYTES = 5 * 1024;

/**
 * Reads the options of `[glance_store]`, or of a backend's section, that concern this store. `reference` is the entry of
 * `swift_store_config_file` that `default_swift_reference` names, where that file is set; what it says wins.
 * Throws an Error naming the option that is wrong.
 */
export function parseSwiftOptions(
  texts: SwiftStoreTexts,
  reference?: Readonly<Record<string, string>>,
): SwiftStoreOptions {
  if (texts.swift_store_config_file && !reference) {
    const name = texts.default_swift_reference ?? 'ref1';
    throw new Error(`default_swift_reference: swift_store_config_file has no entry '${name}'.`);
  }
  const container = texts.swift_store_container ?? 'glance';
  if (!/^[^/?#\s]{1,200}$/.test(container)) {
    throw new Error(`swift_store_container: '${container}' is not the name of a container.`);
  }
  const seed = texts.swift_store_multiple_containers_seed ?? 0;
  if (!Number.isInteger(seed) || seed < 0 || seed > 32) {
    throw new Error('swift_store_multiple_containers_seed must be from 0 to 32.');
  }
  const segment = texts.swift_store_large_object_chunk_size ?? 200;
  if (!(segment >= 1 && segment <= MOST_MEBIBYTES)) {
    throw new Error(`swift_store_large_object_chunk_size must be from 1 to ${MOST_MEBIBYTES}.`);
  }
  const { swift_store_cacert: caFile, swift_store_region: region, swift_store_temp_url_key: tempUrlKey } = texts;
  const endpoint = texts.swift_store_endpoint
    ? trimmed(address('swift_store_endpoint', texts.swift_store_endpoint))
    : undefined;
  return {
    access: parseAccess(texts, reference),
    ...(reference ? { reference: texts.default_swift_reference ?? 'ref1' } : {}),
    insecure: texts.swift_store_auth_insecure ?? false,
    ...(caFile ? { caFile } : {}),
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    endpointInterface: (texts.swift_store_endpoint_type ?? 'publicURL').replace(/URL$/, ''),
    serviceType: texts.swift_store_service_type ?? 'object-store',
    container,
    createContainer: texts.swift_store_create_container_on_put ?? false,
    multiTenant: texts.swift_store_multi_tenant ?? false,
    seed,
    adminTenants: (texts.swift_store_admin_tenants ?? []).filter((tenant) => tenant.trim() !== ''),
    largeObjectBytes: Math.min(texts.swift_store_large_object_size ?? MOST_MEBIBYTES, MOST_MEBIBYTES) * MEBIBYTE,
    segmentBytes: segment * MEBIBYTE,
    largeObjectType: texts.swift_store_large_object_type ?? 'slo',
    ...(tempUrlKey ? { tempUrlKey } : {}),
    resumes: texts.swift_store_retry_get_count ?? 0,
    expireSoonSeconds: texts.swift_store_expire_soon_interval ?? 60,
  };
}

function parseAccess(texts: SwiftStoreTexts, reference: Readonly<Record<string, string>> = {}): SwiftAccess {
  const version = reference.auth_version ?? texts.swift_store_auth_version ?? '3';
  const written = reference.auth_address ?? texts.swift_store_auth_address;
  const named = reference.user ?? texts.swift_store_user ?? '';
  const key = reference.key ?? texts.swift_store_key;
  if (!written) throw new Error('Set swift_store_auth_address: the Swift store needs to know where to authenticate.');
  if (!key) throw new Error('Set swift_store_key: the Swift store needs the password of its user.');
  const [, project, user] = /^([^:]+):(.+)$/s.exec(named) ?? [];
  if (project === undefined || user === undefined) {
    throw new Error('swift_store_user must read account:user with version 1, project:user with version 3.');
  }
  const found = trimmed(address('swift_store_auth_address', written));
  if (version === '1') return { version: 1, address: found, user: named, key };
  if (version === '2') {
    throw new Error(
      'swift_store_auth_version: Keystone dropped version 2 of its API in 2017; use 3 (or 1 for tempauth).',
    );
  }
  if (version !== '3') throw new Error(`swift_store_auth_version: '${version}' is not 1 or 3.`);
  return {
    version: 3,
    address: `${found.replace(/\/v\d[\d.]*$/, '')}/v3`,
    user,
    key,
    project,
    userDomain: domain(reference, 'user'),
    projectDomain: domain(reference, 'project'),
  };
}

function domain(reference: Readonly<Record<string, string>>, of: 'user' | 'project'): Domain {
  const [id, name] = [reference[`${of}_domain_id`], reference[`${of}_domain_name`]];
  return id || !name ? { id: id || 'default' } : { name };
}

/** An address without a scheme is one of https, as in Glance. The message does not repeat it: it could hold a password. */
function address(option: string, text: string): URL {
  try {
    const url = new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`);
    if (!url.username && !url.password && !url.search && !url.hash) return url;
  } catch {}
  throw new Error(`${option} must be a URL of http or https without credentials and query.`);
}

function trimmed(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
