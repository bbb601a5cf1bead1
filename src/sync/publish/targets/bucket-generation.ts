import { createHash } from 'node:crypto';
import { sideBySide } from '../../side-by-side.js';
import { PHASES, type RepositoryFile } from '../ports.js';
import { servedAs } from '../served-as.js';
import type { BucketContents } from './bucket-contents.js';
import { copyObject } from './bucket-copy.js';
import { type Journal, type Placed, writeJournal } from './bucket-ledger.js';
import type { BucketObjects } from './bucket-objects.js';
import { missingBlob } from './bucket-pool.js';

/** Requests under way at once. */
const COPIES = 4;
const TEXTS = 8;

export interface NextGeneration {
  readonly generation: number;
  readonly files: readonly RepositoryFile[];
  readonly state: string;
  readonly signal: AbortSignal;
  readonly copyBytes?: number;
}

/** A text and where it goes. */
interface Text {
  readonly path: string;
  readonly phase: RepositoryFile['phase'];
  readonly bytes: Uint8Array;
}

/**
 * Puts everything in place that no reader knows of yet: images, then their `.properties`. What is there already is not sent again.
 * Returns what is left to be written for readers to see the generation.
 */
export async function prepareGeneration(
  objects: BucketObjects,
  contents: BucketContents,
  next: NextGeneration,
): Promise<Journal> {
  const { files, signal, generation, state } = next;
  const before = contents.ledger.objects;
  const placed = new Map<string, Placed>();
  const texts: Text[] = [];
  const copies: (() => Promise<void>)[] = [];
  for (const { path, phase, content } of files) {
    const there = before.get(path);
    if ('kept' in content) {
      if (there !== undefined) placed.set(path, staying(there));
    } else if ('blob' in content) {
      const { blob: sha256, size } = content;
      placed.set(path, { sha256, size, blob: true });
      if (!isSame(there, sha256, size)) copies.push(() => placeBlob(objects, contents, path, sha256, next));
    } else {
      const sha256 = createHash('sha256').update(content.text).digest('hex');
      placed.set(path, { sha256, size: content.text.byteLength, blob: false });
      // What belongs to no list is written between generations, too.
      const always = phase === 'info';
      if (always || !isSame(there, sha256, content.text.byteLength)) texts.push({ path, phase, bytes: content.text });
    }
  }
  await sideBySide(copies, COPIES, async (copy) => {
    signal.throwIfAborted();
    await copy();
  });
  const early = texts.filter(({ phase }) => isEarly(phase));
  await sideBySide(early, TEXTS, async (text) => {
    signal.throwIfAborted();
    await writeText(objects, text);
  });
  for (const [path, object] of before) {
    if (!placed.has(path)) placed.set(path, { ...object, left: object.left ?? generation });
  }
  return { ledger: { generation, state, objects: placed }, texts: texts.filter(({ phase }) => !isEarly(phase)) };
}

/**
 * Shows readers the generation: the directories of sets, then those of everything, then simplestreams, then what speaks of the generation itself. With
 * `journal`, the name of an object, what is to be done is kept there first: from then on the generation comes, even if this run is killed.
 */
export async function completeGeneration(
  objects: BucketObjects,
  contents: BucketContents,
  journal: Journal,
  alive: () => void,
  name?: string,
): Promise<void> {
  if (name !== undefined) await objects.put(name, Buffer.from(writeJournal(journal)));
  for (const phase of PHASES) {
    alive();
    const texts = journal.texts.filter((text) => text.phase === phase);
    await sideBySide(texts, TEXTS, (text) => writeText(objects, text));
  }
  await contents.commit(journal.ledger);
  if (name !== undefined) await objects.remove(name);
}

function isEarly(phase: RepositoryFile['phase']): boolean {
  return phase === 'data' || phase === 'sidecar';
}

function staying({ sha256, size, blob }: Placed): Placed {
  return { sha256, size, blob };
}

function isSame(there: Placed | undefined, sha256: string, size: number): boolean {
  return there?.sha256 === sha256 && there.size === size;
}

async function placeBlob(
  objects: BucketObjects,
  contents: BucketContents,
  path: string,
  sha256: string,
  { signal, copyBytes }: NextGeneration,
): Promise<void> {
  const source = contents.sourceOf(sha256);
  if (source === undefined) throw missingBlob(sha256);
  await copyObject(objects, {
    from: source.name,
    to: path,
    size: source.size,
    headers: { ...servedAs(path), sha256 },
    signal,
    ...(copyBytes === undefined ? {} : { most: copyBytes }),
  });
}

async function writeText(objects: BucketObjects, { path, bytes }: Text): Promise<void> {
  await objects.put(path, bytes, servedAs(path));
}
