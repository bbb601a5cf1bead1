import { SyncError } from '../sync-error.js';
import { type Claim, Ledger } from './serials.js';

/** What the publisher remembers of the generation that readers see. */
export interface PublishState {
  readonly generation: number;
  readonly updated: Date;
  readonly expires: Date;
  /** Of everything that readers see but for numbers and times: an equal one has nothing to publish. */
  readonly digest: string;
  /** Ids of the images in it, each with its `product/serial`. */
  readonly images: ReadonlyMap<string, string>;
  readonly ledger: Ledger;
  /** Which names (without days) the versions of a product have: an image of another name gets a product of its own. */
  readonly lines: ReadonlyMap<string, string>;
  /** Paths that readers were told of and that never hold anything else. */
  readonly listed: readonly string[];
  /** Such paths of former generations that are in no list any more, and since when. */
  readonly retired: ReadonlyMap<string, Date>;
  /** Images that were pruned by hand. */
  readonly pruned: ReadonlySet<string>;
}

const FORMAT = 'publish-state:1';

/** What is remembered before the first generation. */
export function noState(): PublishState {
  const never = new Date(0);
  return {
    generation: 0,
    updated: never,
    expires: never,
    digest: '',
    images: new Map(),
    ledger: new Ledger(),
    lines: new Map(),
    listed: [],
    retired: new Map(),
    pruned: new Set(),
  };
}

export function writeState(state: PublishState): string {
  const record = {
    format: FORMAT,
    generation: state.generation,
    updated: state.updated.toISOString(),
    expires: state.expires.toISOString(),
    digest: state.digest,
    images: [...state.images],
    ledger: state.ledger.entries,
    lines: [...state.lines],
    listed: state.listed,
    retired: [...state.retired].map(([path, since]) => [path, since.toISOString()]),
    pruned: [...state.pruned],
  };
  return `${JSON.stringify(record)}\n`;
}

/** Throws SyncError invalid for a record that is damaged: without it serials could be given twice. */
export function readState(text: string): PublishState {
  const record: unknown = parse(text);
  if (!isObject(record) || record.format !== FORMAT || typeof record.generation !== 'number') throw damaged();
  const date = (value: unknown): Date => {
    const time = new Date(typeof value === 'string' ? value : Number.NaN);
    if (Number.isNaN(time.getTime())) throw damaged();
    return time;
  };
  return {
    generation: record.generation,
    updated: date(record.updated),
    expires: date(record.expires),
    digest: typeof record.digest === 'string' ? record.digest : '',
    images: new Map(pairs(record.images, textOf)),
    ledger: new Ledger(pairs(record.ledger, claimOf)),
    lines: new Map(pairs(record.lines, textOf)),
    listed: list(record.listed, textOf),
    retired: new Map(pairs(record.retired, date)),
    pruned: new Set(list(record.pruned, textOf)),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}

function pairs<T>(value: unknown, read: (value: unknown) => T): [string, T][] {
  return list(value, (entry) => {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string') throw damaged();
    return [entry[0], read(entry[1])];
  });
}

function list<T>(value: unknown, read: (value: unknown) => T): T[] {
  if (!Array.isArray(value)) throw damaged();
  return value.map((entry) => read(entry));
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw damaged();
  return value;
}

function claimOf(value: unknown): Claim {
  if (!isObject(value)) throw damaged();
  return { image: textOf(value.image), print: textOf(value.print), seen: textOf(value.seen) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function damaged(): SyncError {
  return new SyncError('invalid', 'the record of what was published before is damaged');
}
