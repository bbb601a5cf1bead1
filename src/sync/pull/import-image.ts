import { shownUrl } from '../../net/url-rules.js';
import { isSyncError, SyncError } from '../sync-error.js';
import type { ImportPlan, VisibilityRule } from './decision.js';
import type { Destination, RemoteChange, RemoteImage } from './destination.js';
import { type DownloadParts, download, type StoredFile } from './download.js';
import { rotatedName, visibilityOf } from './draft.js';
import { PROVENANCE } from './provenance.js';
import { announcedSize, imageDigests, type SourceEntry, stated } from './source-entry.js';
import { type TransferParts, transfer } from './transfer.js';
import { digestsToCompute, type WantedDigest } from './wanted-digests.js';

export interface ImportParts extends DownloadParts, TransferParts {
  readonly destination: Destination;
}

export interface ImportTerms {
  readonly entry: SourceEntry;
  readonly plan: ImportPlan;
  readonly visibility: VisibilityRule;
  /** Bytes that an image may have, whatever it announces. */
  readonly maxBytes: number;
  /** Keys are configured: bytes that nobody vouches for are not taken. */
  readonly signed: boolean;
  /** Marks what is under way. */
  readonly client: string;
  readonly signal: AbortSignal;
}

export interface Imported {
  readonly id: string;
  /** Bytes. */
  readonly size: number | null;
  readonly warnings: readonly string[];
}

/** What a publisher's compressor may add to bytes that cannot be compressed. */
const INCOMPRESSIBLE = { share: 1.02, fixed: 1024 * 1024 };

/**
 * Imports one image (sync-and-manager section 1.8, step 6): its file is brought and verified, its bytes are expanded, verified and uploaded into a private image,
 * what the destination made of them is compared, images of the same name make room, and last of all it becomes visible.
 * On any failure what there is of it is removed, names are as before, and the error thrown: SyncError for what is to be expected.
 */
export async function importImage(terms: ImportTerms, parts: ImportParts): Promise<Imported> {
  const { entry, signal } = terms;
  const size = announcedSize(entry);
  const most = Math.min(terms.maxBytes, size ?? terms.maxBytes);
  const name = entry.label;
  if (size !== undefined && size > terms.maxBytes) {
    throw new SyncError('refused', `${name}: ${size} bytes are announced, and --max-size allows ${terms.maxBytes}`);
  }
  const { stored, image } = hashesOf(entry, terms.signed);
  const plain = entry.entry.expand === 'none';
  const file = await download(
    {
      url: entry.image,
      name: shownUrl(entry.image),
      size: entry.entry.stored.size ?? (plain ? size : undefined),
      maxBytes: plain ? most : Math.ceil(most * INCOMPRESSIBLE.share) + INCOMPRESSIBLE.fixed,
      wanted: stored,
      signal,
    },
    parts,
  );
  try {
    // What lies in our own folder has been verified already where it is the image as it is.
    const wanted = plain && !file.foreign ? [] : image;
    const imported = await upload(terms, file, { size, most, wanted }, parts);
    const unproven = doubtsAbout([...stored, ...image], terms.signed);
    return { ...imported, warnings: [...unproven, ...(await retire(terms.plan, parts.destination))] };
  } finally {
    await file.discard();
  }
}

/** The hashes that the stored bytes and those of the image are held to. Throws SyncError mismatch for statements that contradict each other. */
function hashesOf(source: SourceEntry, signed: boolean) {
  const { entry, listed, label } = source;
  const statements = [listed, stated(entry.stored.digests, 'the .properties file')];
  const expanded = stated(entry.expanded, 'the .properties file');
  const plain = entry.expand === 'none';
  const stored = digestsToCompute(label, plain ? [...statements, expanded] : statements);
  const image = plain ? stored : digestsToCompute(label, [expanded]);
  if (signed && stored.length + image.length === 0) {
    throw new SyncError(
      'signature',
      `${label}: no hash vouches for its bytes, so that the signature says nothing of them`,
    );
  }
  return { stored, image };
}

/** What a user of this image should know of the hashes that it was held to. */
function doubtsAbout(wanted: readonly WantedDigest[], signed: boolean): readonly string[] {
  if (wanted.length === 0) return ['no hash vouches for its bytes'];
  const weak = signed && wanted.every(({ algorithm }) => algorithm === 'md5' || algorithm === 'sha1');
  return weak ? ['only MD5 or SHA-1 vouches for its bytes: who made them may have made others with the same hash'] : [];
}

interface Bytes {
  readonly size: number | undefined;
  readonly most: number;
  readonly wanted: readonly WantedDigest[];
}

async function upload(terms: ImportTerms, file: StoredFile, bytes: Bytes, parts: ImportParts) {
  const { entry, plan, client, signal } = terms;
  const { destination } = parts;
  const { draft, olds } = plan;
  // Beside images of its name it goes by another one until it can take theirs.
  const working = olds.length === 0 ? draft.name : rotatedName(draft.name, `new ${entry.entry.version ?? ''}`.trim());
  const properties = new Map([...draft.properties, [PROVENANCE.pending, client]]);
  const id = await destination.create({ ...draft, name: working, properties });
  const undo: (() => Promise<void>)[] = [() => destination.remove(id)];
  try {
    const { diskFormat, containerFormat } = draft;
    const image = await transfer(
      {
        path: file.path,
        encoding: entry.entry.expand,
        name: entry.label,
        size: bytes.size,
        maxBytes: bytes.most,
        virtualSize: entry.entry.virtualSize,
        wanted: bytes.wanted,
        formats: { diskFormat, containerFormat },
        signal,
      },
      parts,
      (chunks) => destination.upload(id, chunks, bytes.size ?? plainSize(entry, file), signal),
    );
    assertArrived(entry, image);
    for (const old of olds) {
      signal.throwIfAborted();
      const aside = rotatedName(draft.name, old.properties.get(PROVENANCE.serial) || old.id.slice(0, 8));
      const replaced = plan.kind === 'replace';
      const back = replaced ? { unset: [PROVENANCE.replaced] } : {};
      undo.unshift(() => destination.change(old.id, { name: draft.name, ...back }));
      // Should nobody come to remove it, the next run knows that it is to go.
      const mark = replaced ? { set: new Map([[PROVENANCE.replaced, draft.name]]) } : {};
      await destination.change(old.id, { name: aside, ...mark });
    }
    signal.throwIfAborted();
    const visibility = visibilityOf(entry, terms.visibility);
    const last: RemoteChange = {
      ...(working === draft.name ? {} : { name: draft.name }),
      unset: [PROVENANCE.pending],
      ...(visibility === image.visibility ? {} : { visibility }),
      ...(draft.protected ? { protected: true } : {}),
      ...(draft.hidden ? { hidden: true } : {}),
    };
    await destination.change(id, last).catch((error: unknown) => {
      throw last.visibility === 'public' ? hinted(error) : error;
    });
    return { id, size: image.size };
  } catch (error) {
    throw await undone(error, undo);
  }
}

/** Most clouds let administrators alone make images public, and say so only now. */
function hinted(error: unknown): unknown {
  if (!isSyncError(error, 'destination')) return error;
  const hint = 'where the login may not make images public, give --visibility private';
  return new SyncError('destination', `${error.message} (${hint})`, { cause: error });
}

/** Removes what was replaced; what is in use stays under the name that it has now. */
async function retire({ kind, olds }: ImportPlan, destination: Destination): Promise<readonly string[]> {
  if (kind !== 'replace') return [];
  const warnings: string[] = [];
  for (const { id, protected: guarded } of olds) {
    try {
      if (guarded) await destination.change(id, { protected: false });
      await destination.remove(id);
    } catch (error) {
      warnings.push(
        `the replaced image ${id} is still there: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return warnings;
}

/** Takes back what was done, the last of it first, whatever fails. */
async function undone(error: unknown, undo: readonly (() => Promise<void>)[]): Promise<unknown> {
  const failed: unknown[] = [];
  for (const step of undo) {
    try {
      await step();
    } catch (again) {
      failed.push(again);
    }
  }
  if (failed.length === 0) return error;
  const words = [error, ...failed].map((one) => (one instanceof Error ? one.message : String(one)));
  return new SyncError('destination', words.join('; and taking it back failed: '), { cause: error });
}

function plainSize({ entry }: SourceEntry, file: StoredFile): number | undefined {
  return entry.expand === 'none' ? file.size : undefined;
}

/** Throws SyncError mismatch unless the destination has the bytes that it was to have. */
function assertArrived(entry: SourceEntry, image: RemoteImage): void {
  const wanted = imageDigests(entry);
  const size = announcedSize(entry);
  const found: readonly (readonly [string | null, string | null])[] = [
    ['md5', image.checksum],
    [image.hashAlgorithm, image.hashValue],
  ];
  for (const [algorithm, value] of found) {
    const expected = algorithm === null ? undefined : wanted.get(algorithm);
    if (expected === undefined || value === null || expected === value.toLowerCase()) continue;
    throw new SyncError(
      'mismatch',
      `${entry.label}: the destination says that its ${algorithm} is ${value}, and it should be ${expected}`,
    );
  }
  if (size !== undefined && image.size !== null && image.size !== size) {
    throw new SyncError('mismatch', `${entry.label}: the destination has ${image.size} bytes of ${size}`);
  }
  if (image.status !== 'active') {
    throw new SyncError('destination', `${entry.label}: the destination calls it ${image.status}, not active`);
  }
}
