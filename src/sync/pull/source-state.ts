import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Ajv } from 'ajv';
import { codeOf } from '../../stream/file-errors.js';
import { makeFolders } from '../../stream/make-folders.js';
import { SyncError } from '../sync-error.js';
import type { Validators } from './transport.js';

/** A metadata file as it was read and verified the last time. */
export interface KnownDocument {
  /** Which of its forms was read: the plain file, or the one that holds its own signature. */
  readonly form: string;
  readonly validators: Validators;
  readonly text: string;
  /** When its signature says that it was made. */
  readonly signedAt?: string;
}

/** The newest state of a repository that was ever seen; an older one is an attack, or a mistake. */
export interface SeenGeneration {
  readonly generation: number;
  /** ISO 8601. */
  readonly updated: string;
  readonly expires?: string;
}

/** What was written on an image: a later run takes away what has gone upstream, and leaves what somebody else added. */
export interface WrittenImage {
  readonly properties: readonly string[];
  readonly tags: readonly string[];
  readonly visibility: string;
  readonly protected: boolean;
}

/** What a run leaves to the next one of the same source. */
export interface SourceState {
  /** What the documents were verified with; they are worth nothing to a run with other keys. */
  readonly trust: string;
  /** Marks the images that this installation has under way. */
  readonly client: string;
  /** By the URL's path below the source. */
  readonly documents: Readonly<Record<string, KnownDocument>>;
  /** Texts of `.properties` files, by `<algorithm>:<digest>` of the directory. */
  readonly sidecars: Readonly<Record<string, string>>;
  readonly seen?: SeenGeneration;
  /** By the id of an image. */
  readonly written: Readonly<Record<string, WrittenImage>>;
}

const FORMAT = 'image-sync-state:1';

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const record = (value: object): object => ({ type: 'object', additionalProperties: value });
const fixed = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const isState = new Ajv({ strict: false, logger: false }).compile<SourceState>(
  fixed(
    {
      format: { const: FORMAT },
      trust: text,
      client: text,
      documents: record(fixed({ form: text, validators: record(text), text, signedAt: text }, ['signedAt'])),
      sidecars: record(text),
      seen: fixed({ generation: { type: 'number' }, updated: text, expires: text }, ['expires']),
      written: record(fixed({ properties: texts, tags: texts, visibility: text, protected: { type: 'boolean' } })),
    },
    ['seen'],
  ),
);

export function newState(trust: string): SourceState {
  return { trust, client: randomUUID(), documents: {}, sidecars: {}, written: {} };
}

/**
 * The state of a source as the last run left it, new where there is none. Documents that were verified with other keys are left out.
 * Throws SyncError usage for a file that is no such state: removing it forgets which generation was seen.
 */
export async function readState(file: string, trust: string): Promise<SourceState> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SyncError('usage', `${file}: the state cannot be read (${codeOf(error)})`, { cause: error });
  });
  if (content === undefined) return newState(trust);
  const parsed = parse(content);
  if (!isState(parsed)) {
    throw new SyncError('usage', `${file} is not the state of an image-sync; without the file the source is read anew`);
  }
  const { client, seen, written } = parsed;
  const { documents, sidecars } = parsed.trust === trust ? parsed : newState(trust);
  return { trust, client, documents, sidecars, ...(seen === undefined ? {} : { seen }), written };
}

/** Writes a state where there is none. */
export async function ensureState(file: string, state: SourceState): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    return undefined;
  });
  if (found === undefined) await writeState(file, state);
}

/** Writes a state, all or nothing. The folder is made. Throws SyncError usage where that cannot be. */
export async function writeState(file: string, state: SourceState): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await makeFolders(dirname(file), 0o700);
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ format: FORMAT, ...state }));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new SyncError('usage', `${file}: the state cannot be written (${codeOf(error)})`, { cause: error });
  }
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
