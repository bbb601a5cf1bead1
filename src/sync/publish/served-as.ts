/** How a web server hands out one file of a repository. */
export interface ServedAs {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Whether the bytes under this path never change, by the layout alone. */
  readonly immutable: boolean;
}

const IMMUTABLE = 'public, max-age=31536000, immutable';
const FRESH = 'public, max-age=60, stale-while-revalidate=30, must-revalidate';

const TEXT = 'text/plain; charset=utf-8';
const DATA = 'application/octet-stream';

/** Types by the end of the name; what is not named is text outside of the folders of data, and bytes within them. */
const BY_ENDING: Readonly<Record<string, string>> = {
  json: 'application/json',
  asc: TEXT,
  sjson: TEXT,
  meta4: 'application/metalink4+xml',
  properties: TEXT,
  gpg: 'application/pgp-signature',
  minisig: TEXT,
  pub: TEXT,
};

const BY_PATH: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'feed.xml': 'application/atom+xml; charset=utf-8',
  'pubkey.asc': 'application/pgp-keys',
};

/** Folders whose files never change under their path. */
const SEALED = /^(images|by-hash|repo)\//;

/** Files that are written anew although they lie beside sealed ones. */
const REWRITTEN = /(^|\/)SHA256SUMS$|\.meta4$/;

/**
 * Type and caching rules of a file by its path from the root of a repository (clause 2.3): data and sidecars for ever, everything
 * that a generation rewrites for a minute. Compressed images are bytes: a content encoding would have browsers and proxies expand them.
 */
export function servedAs(path: string): ServedAs {
  const immutable = SEALED.test(path) && !REWRITTEN.test(path);
  return { contentType: typeOf(path), cacheControl: immutable ? IMMUTABLE : FRESH, immutable };
}

function typeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path.startsWith('by-hash/')) return DATA;
  if (Object.hasOwn(BY_PATH, path)) return BY_PATH[path] ?? DATA;
  const ending = name.slice(name.lastIndexOf('.') + 1);
  if (name.includes('.') && Object.hasOwn(BY_ENDING, ending)) return BY_ENDING[ending] ?? DATA;
  return path.startsWith('images/') && !REWRITTEN.test(path) ? DATA : TEXT;
}
