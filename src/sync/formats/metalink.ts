import { DIGEST_ALGORITHMS, type DigestAlgorithm, type Digests } from './digests.js';
import { assertSafePath } from './safe-path.js';

/** A file that can be fetched from several places. */
export interface MetalinkFile {
  /** What it is stored as: one name, or a path below where it is stored. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly digests: Digests;
  /** Best first. */
  readonly urls: readonly string[];
  readonly updated: Date;
}

/** The names of IANA's registry of hash functions, which RFC 5854 section 4.2.3 asks for. */
const HASH_NAMES: Readonly<Record<DigestAlgorithm, string>> = {
  md5: 'md5',
  sha1: 'sha-1',
  sha256: 'sha-256',
  sha512: 'sha-512',
};

/** Writes a Metalink 4 document (RFC 5854) of one file, the same for the same file. Throws SyncError refused for a name that is no safe path. */
export function writeMetalink({ name, size, digests, urls, updated }: MetalinkFile): string {
  assertSafePath(name);
  const hashes = DIGEST_ALGORITHMS.toReversed().flatMap((algorithm) => {
    const value = digests[algorithm];
    return value === undefined ? [] : [`    <hash type="${HASH_NAMES[algorithm]}">${escapeXml(value)}</hash>`];
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    '  <generator>Glimpse</generator>',
    `  <published>${updated.toISOString()}</published>`,
    `  <file name="${escapeXml(name)}">`,
    `    <size>${size}</size>`,
    ...hashes,
    ...urls.map((url, index) => `    <url priority="${index + 1}">${escapeXml(url)}</url>`),
    '  </file>',
    '</metalink>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Names and URLs have no control characters, which XML could not say. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
