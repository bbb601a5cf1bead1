import { PHASES, type Phase } from '../ports.js';

/** What stands under one path of a bucket. */
export interface Placed {
  readonly sha256: string;
  readonly size: number;
  /** Bytes of an image, from which other paths may be copied. */
  readonly blob: boolean;
  /** The generation that was the first not to have it any more; it goes with the next one. */
  readonly left?: number;
}

/** What a bucket holds, and the generation that it shows. One object, so that a generation is complete at one moment. */
export interface Ledger {
  readonly generation: number;
  readonly state: string | undefined;
  readonly objects: ReadonlyMap<string, Placed>;
}

/** What is left to write of a generation whose images are all in place: once this is kept, the generation comes, whoever completes it. */
export interface Journal {
  readonly ledger: Ledger;
  readonly texts: readonly { readonly path: string; readonly phase: Phase; readonly bytes: Uint8Array }[];
}

export const EMPTY: Ledger = { generation: 0, state: undefined, objects: new Map() };

const FORMAT = 'image-repo-bucket:1';

export function writeLedger(ledger: Ledger): string {
  return JSON.stringify(plain(ledger));
}

export function writeJournal({ ledger, texts }: Journal): string {
  const written = texts.map(({ path, phase, bytes }) => [path, phase, Buffer.from(bytes).toString('base64')]);
  return JSON.stringify({ ...plain(ledger), texts: written });
}

function plain({ generation, state, objects }: Ledger) {
  const rows = [...objects].map(([path, { sha256, size, blob, left }]) => [path, sha256, size, blob, left ?? null]);
  return { format: FORMAT, generation, ...(state === undefined ? {} : { state }), objects: rows };
}

/** Undefined for what is no ledger of this program. */
export function readLedger(text: string): Ledger | undefined {
  const value = parsed(text);
  const { format, generation, state, objects } = value ?? {};
  if (format !== FORMAT || typeof generation !== 'number' || !Array.isArray(objects)) return undefined;
  const rows = objects.map(readRow);
  const known = rows.flatMap((row) => (row === undefined ? [] : [row]));
  if (known.length < rows.length || !(state === undefined || typeof state === 'string')) return undefined;
  return { generation, state, objects: new Map(known) };
}

/** Undefined for what is no journal of this program. */
export function readJournal(text: string): Journal | undefined {
  const ledger = readLedger(text);
  const { texts } = parsed(text) ?? {};
  if (ledger === undefined || !Array.isArray(texts)) return undefined;
  return { ledger, texts: texts.flatMap(readText) };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function readRow(row: unknown): readonly [string, Placed] | undefined {
  if (!Array.isArray(row)) return undefined;
  const [path, sha256, size, blob, left]: readonly unknown[] = row;
  if (typeof path !== 'string' || typeof sha256 !== 'string' || typeof size !== 'number') return undefined;
  return [path, { sha256, size, blob: blob === true, ...(typeof left === 'number' ? { left } : {}) }];
}

function readText(row: unknown): Journal['texts'] {
  const [path, phase, base64]: readonly unknown[] = Array.isArray(row) ? row : [];
  const known = PHASES.find((one) => one === phase);
  if (typeof path !== 'string' || known === undefined || typeof base64 !== 'string') return [];
  return [{ path, phase: known, bytes: Buffer.from(base64, 'base64') }];
}
