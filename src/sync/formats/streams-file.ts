import { SyncError } from '../sync-error.js';
import { DIGEST_ALGORITHMS, type Digests, readDigest } from './digests.js';
import { readBytes } from './entry-values.js';
import { assertSafePath } from './safe-path.js';
import { shown } from './shown.js';
import type { StreamsFields, StreamsItem } from './streams.js';

/** What an item of a stream of downloads says of its file. */
export interface StreamsFile {
  /** From the root of the mirror. */
  readonly path: string;
  /** Bytes. */
  readonly size?: number;
  readonly digests: Digests;
  /** The image after expansion, where a publisher like ours says. */
  readonly expanded: { readonly size?: number; readonly digests: Digests };
  /** Bytes of the disk that the guest sees, where a publisher like ours says. */
  readonly virtualSize?: number;
}

/**
 * Throws SyncError usage unless a stream, or an entry of an index, lists files to download: `image-ids` lists images that are in
 * clouds already.
 */
export function assertDownloads(contentId: string, datatype: string | undefined): void {
  if (datatype === undefined || datatype === 'image-downloads') return;
  const what = datatype === 'image-ids' ? 'images that are in clouds already' : 'something else';
  throw new SyncError('usage', `${shown(contentId)} lists ${what} (${shown(datatype)}), not images to download`);
}

/**
 * Reads an item. Throws SyncError usage for an item that is no download, refused for an unsafe path, invalid for a missing path
 * and for values that are none.
 */
export function fileOfItem({ contentId, fields }: StreamsItem): StreamsFile {
  assertDownloads(contentId, textOf(own(fields, 'datatype')));
  const path = textOf(own(fields, 'path'));
  if (path === undefined || path === '') throw new SyncError('invalid', 'there is no path');
  assertSafePath(path);
  const virtualSize = bytesOf(fields, 'virtual_size');
  return {
    path,
    ...sizeAndDigests(fields, ''),
    expanded: sizeAndDigests(fields, 'expanded_'),
    ...(virtualSize === undefined ? {} : { virtualSize }),
  };
}

function sizeAndDigests(fields: StreamsFields, prefix: string): { readonly size?: number; readonly digests: Digests } {
  const size = bytesOf(fields, `${prefix}size`);
  const digests = DIGEST_ALGORITHMS.flatMap((algorithm) => {
    const key = prefix + algorithm;
    const digest = own(fields, key);
    return digest === undefined ? [] : [[algorithm, readDigest(algorithm, textOf(digest) ?? '', key)]];
  });
  return { ...(size === undefined ? {} : { size }), digests: Object.fromEntries(digests) };
}

/** Some publishers write numbers as texts. */
function bytesOf(fields: StreamsFields, key: string): number | undefined {
  const value = own(fields, key);
  if (value === undefined || value === '') return undefined;
  return readBytes(key, typeof value === 'number' ? String(value) : (textOf(value) ?? ''));
}

function own(fields: StreamsFields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
