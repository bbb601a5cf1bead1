import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Hasher } from '../../domain/ports/hasher.js';
import { codeOf } from '../../stream/file-errors.js';
import { openFile } from '../../stream/open-file.js';
import { pump } from '../../stream/pump.js';
import { SyncError } from '../sync-error.js';
import type { Fetcher } from './fetcher.js';
import { TransientError } from './transient-error.js';
import { assertDigests, assertSize, type WantedDigest } from './wanted-digests.js';
import type { Slot, WorkFolder } from './work-folder.js';

export interface DownloadTerms {
  readonly url: URL;
  /** What errors call the file. */
  readonly name: string;
  /** Bytes that the file must have, where it is known. */
  readonly size: number | undefined;
  /** Bytes that the file may have. */
  readonly maxBytes: number;
  /** Hashes that the file must have. */
  readonly wanted: readonly WantedDigest[];
  readonly signal: AbortSignal;
}

export interface DownloadParts {
  readonly fetcher: Fetcher;
  readonly work: WorkFolder;
  readonly hasher: Hasher;
  /** Told of bytes that came. */
  readonly brought?: (bytes: number) => void;
}

/** A file as the source stores it, verified. */
export interface StoredFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** True for a file of the source itself, which somebody may change while it is read. */
  readonly foreign: boolean;
  /** Removes it, unless it lies in the source itself. */
  discard(): Promise<void>;
}

interface Measured {
  readonly size: number;
  readonly digests: readonly string[];
}

/**
 * Brings a file into the work folder, or finds it where the source is on this host, and verifies its size and its hashes. What broke off is continued, in
 * this run and in the next one, if the server can tell that it is the same file still. A download that was pieced together and turns out wrong is
 * done once more from its start. Throws SyncError mismatch, unreachable, refused; then nothing is left but what the next run may continue.
 */
export async function download(terms: DownloadTerms, parts: DownloadParts): Promise<StoredFile> {
  const { url, name, wanted, size, signal } = terms;
  const path = await parts.fetcher.locate(url);
  if (path !== undefined) {
    const { size: bytes } = await stat(path);
    if (bytes > terms.maxBytes)
      throw new SyncError('mismatch', `${name}: it has ${bytes} bytes, more than it may have`);
    const measured = await measure(path, terms, parts.hasher);
    assertMeasured(terms, measured);
    return { path, size: measured.size, foreign: true, discard: async () => {} };
  }
  const slot = parts.work.slot(
    [url.href, size, ...wanted.map(({ algorithm, value }) => `${algorithm}:${value}`)].join('\n'),
  );
  // What an earlier run brought takes no more room.
  if (size !== undefined) await parts.work.assertRoom(size - Math.min(size, await sizeOf(slot.path)));
  try {
    let brought = await bring(slot, terms, parts);
    if (brought.pieced && !fits(terms, brought)) {
      await slot.clear();
      brought = await bring(slot, terms, parts);
    }
    assertMeasured(terms, brought);
    return { path: slot.path, size: brought.size, foreign: false, discard: () => slot.clear() };
  } catch (error) {
    const resumable = (error instanceof TransientError || signal.aborted) && (await slot.validators()) !== undefined;
    if (resumable) slot.keep();
    else await slot.clear();
    if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error))) throw error;
    throw new SyncError('refused', `${name}: there is no room left in the work folder`, { cause: error });
  }
}

/** All bytes of a file in the slot, after as many attempts as it takes. */
async function bring(slot: Slot, terms: DownloadTerms, parts: DownloadParts): Promise<Measured & { pieced: boolean }> {
  const start = await parts.fetcher.persist(terms.signal, () => bringRest(slot, terms, parts));
  if (start.whole !== undefined) return { ...start.whole, pieced: false };
  return { ...(await measure(slot.path, terms, parts.hasher)), pieced: true };
}

/** One attempt: what is missing behind what is there, or everything. */
async function bringRest(slot: Slot, terms: DownloadTerms, { fetcher, hasher, brought }: DownloadParts) {
  const { url, name, maxBytes, signal, wanted } = terms;
  const [validators, there] = await Promise.all([slot.validators(), sizeOf(slot.path)]);
  const resume = validators !== undefined && there > 0 ? { resume: { from: there, validators } } : {};
  const fetched = await fetcher.open(url, { signal, maxBytes, ...resume });
  if (fetched.kind !== 'content') {
    const status = fetched.kind === 'absent' && fetched.status !== undefined ? ` (status ${fetched.status})` : '';
    throw new SyncError('unreachable', `${name} is not there${status}`);
  }
  const { start, size } = fetched;
  try {
    if (size !== undefined) assertSize(name, terms.size, size);
    if (start === 0) await slot.remember(fetched.validators);
    const file = await open(slot.path, start === 0 ? 'w' : 'r+', 0o600);
    try {
      const pumped = await pump(fetched.bytes, {
        signal,
        hasher,
        algorithms: start === 0 ? wanted.map(({ algorithm }) => algorithm) : [],
        sink: (bytes) => writeTo(file, bytes, start, brought),
      });
      return { whole: start === 0 ? { size: pumped.size, digests: pumped.digests } : undefined };
    } finally {
      await file.close();
    }
  } finally {
    fetched.close();
  }
}

async function writeTo(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  start: number,
  brought: DownloadParts['brought'],
): Promise<void> {
  let position = start;
  for await (const chunk of bytes) {
    for (let written = 0; written < chunk.byteLength; ) {
      const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position);
      written += bytesWritten;
      position += bytesWritten;
    }
    brought?.(chunk.byteLength);
  }
}

/** Reads a file for its size and its hashes. */
async function measure(path: string, { wanted, signal }: DownloadTerms, hasher: Hasher): Promise<Measured> {
  const opened = await openFile(path, undefined, signal);
  const algorithms = wanted.map(({ algorithm }) => algorithm);
  try {
    return await pump(opened.bytes, { signal, hasher, algorithms, sink: exhaust });
  } finally {
    await opened.close();
  }
}

async function exhaust(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

function assertMeasured({ name, size, wanted }: DownloadTerms, measured: Measured): void {
  assertSize(name, size, measured.size);
  assertDigests(name, wanted, measured.digests);
}

function fits({ size, wanted }: DownloadTerms, measured: Measured): boolean {
  return (
    (size ?? measured.size) === measured.size && wanted.every(({ value }, index) => measured.digests[index] === value)
  );
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}
