import { setTimeout as pause } from 'node:timers/promises';
import { shownUrl } from '../../net/url-rules.js';
import type { Trust } from '../signatures/trust.js';
import { isSyncError, SyncError } from '../sync-error.js';
import type { Fetcher, ReadFile } from './fetcher.js';
import type { KnownDocument } from './source-state.js';

/** Bytes of a signature, however many keys signed. */
const MOST_SIGNATURE = 64 * 1024;
/** A clearsigned text is a little longer than the text. */
const ARMOUR = 64 * 1024;
/** A publisher that swaps file and signature needs a moment between the two. */
const SWAP_MS = 1000;

export interface DocumentReader {
  /** Undefined: nothing is verified. */
  readonly trust: Trust | undefined;
  readonly fetcher: Fetcher;
  readonly signal: AbortSignal;
  /** Milliseconds before a signature that does not match is read once more. */
  readonly swapMs?: number;
}

export type ReadDocument =
  | { readonly kind: 'content'; readonly document: KnownDocument }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'absent' };

interface Form {
  /** How state files call it. */
  readonly name: string;
  read(known: KnownDocument | undefined): Promise<ReadDocument>;
}

/**
 * Reads a file that a publisher signs. With keys a good signature by one of them is asked for: that in the clearsigned form of the file (`.asc`; `.sjson`
 * for `.json`), else a detached one (`.gpg`, `.minisig`) beside it, which is read once more when it does not match. The form that `known` had is asked for first, and only
 * if it has changed. Throws SyncError: `signature` when there is no good one, others as a Fetcher does.
 */
export async function readDocument(
  url: URL,
  maxBytes: number,
  known: KnownDocument | undefined,
  reader: DocumentReader,
): Promise<ReadDocument> {
  const forms = formsOf(url, maxBytes, reader);
  const ordered = [...forms].sort((a, b) => Number(b.name === known?.form) - Number(a.name === known?.form));
  let refused: SyncError | undefined;
  let unsigned = false;
  for (const form of ordered) {
    try {
      const read = await form.read(form.name === known?.form ? known : undefined);
      if (read.kind !== 'absent') return read;
    } catch (error) {
      if (!isSyncError(error, 'signature')) throw error;
      unsigned ||= error instanceof Unsigned;
      refused ??= error instanceof Unsigned ? undefined : error;
    }
  }
  if (refused !== undefined) throw refused;
  if (unsigned) throw new SyncError('signature', `${shownUrl(url)} is not signed in a way that the keys can verify`);
  return { kind: 'absent' };
}

/** The file is there, and the signature of this form is not. */
class Unsigned extends SyncError {
  constructor(url: URL) {
    super('signature', `${shownUrl(url)} has no signature`);
  }
}

/** The URL of the file whose signature is its own, and of the plain one; a user may name either. */
function pairOf(url: URL): { readonly plain: URL; readonly clearsigned: URL } {
  const named = (pattern: RegExp, ending: string): URL => {
    const other = new URL(url);
    other.pathname = other.pathname.replace(pattern, ending);
    return other;
  };
  const { pathname } = url;
  if (pathname.endsWith('.json')) return { plain: url, clearsigned: named(/json$/, 'sjson') };
  if (pathname.endsWith('.sjson')) return { plain: named(/sjson$/, 'json'), clearsigned: url };
  if (pathname.endsWith('.asc')) return { plain: named(/\.asc$/, ''), clearsigned: url };
  return { plain: url, clearsigned: named(/$/, '.asc') };
}

function formsOf(url: URL, maxBytes: number, { trust, fetcher, signal, swapMs = SWAP_MS }: DocumentReader): Form[] {
  const read = (from: URL, most: number, known?: KnownDocument): Promise<ReadFile> =>
    fetcher.read(from, { signal, maxBytes: most, unless: known?.validators });
  const { plain, clearsigned } = pairOf(url);

  if (trust === undefined) {
    return [
      {
        name: 'plain',
        async read(known) {
          const file = await read(url, maxBytes, known);
          if (file.kind !== 'content') return file;
          return content('plain', file, textOf(url, file.bytes));
        },
      },
    ];
  }

  const inside: Form = {
    name: 'clearsigned',
    async read(known) {
      const file = await read(clearsigned, maxBytes + ARMOUR, known);
      if (file.kind !== 'content') return file;
      const { text, signedAt } = await named(clearsigned, trust.verifyClearsigned(textOf(clearsigned, file.bytes)));
      return content('clearsigned', file, text, signedAt);
    },
  };

  /** `endings` are those of the files that may hold a signature, of which one is enough. */
  const beside = (
    name: string,
    endings: readonly string[],
    verify: (bytes: Buffer, signature: Buffer) => Promise<{ readonly signedAt?: Date }>,
  ): Form => {
    const once = async (known: KnownDocument | undefined): Promise<ReadDocument> => {
      const file = await read(plain, maxBytes, known);
      if (file.kind !== 'content') return file;
      let refused: unknown = new Unsigned(plain);
      for (const ending of endings) {
        const at = new URL(plain);
        at.pathname += ending;
        const signature = await read(at, MOST_SIGNATURE);
        if (signature.kind !== 'content') continue;
        try {
          const { signedAt } = await named(at, verify(file.bytes, signature.bytes));
          return content(name, file, textOf(plain, file.bytes), signedAt);
        } catch (error) {
          if (!isSyncError(error, 'signature')) throw error;
          refused = error;
        }
      }
      throw refused;
    };
    return {
      name,
      read: (known) =>
        once(known).catch(async (error: unknown) => {
          if (!isSyncError(error, 'signature') || error instanceof Unsigned) throw error;
          await pause(swapMs, undefined, { signal });
          return once(undefined);
        }),
    };
  };

  const fileName = decodeURIComponent(plain.pathname.split('/').at(-1) ?? '');
  const minisigs = ['.minisig', ...trust.minisignIds.map((id) => `.minisig.${id}`)];
  const forms: Form[] = [];
  if (trust.kinds.openpgp) {
    forms.push(
      inside,
      beside('detached', ['.gpg'], (bytes, signature) => trust.verifyDetached(bytes, signature)),
    );
  }
  if (trust.kinds.minisign) {
    const verify = (bytes: Buffer, signature: Buffer) => trust.verifyMinisign(bytes, signature.toString(), fileName);
    forms.push(beside('minisign', minisigs, verify));
  }
  return forms;
}

function content(form: string, file: ReadFile & { kind: 'content' }, text: string, signedAt?: Date): ReadDocument {
  const { validators } = file;
  const signed = signedAt === undefined ? {} : { signedAt: signedAt.toISOString() };
  return { kind: 'content', document: { form, validators, text, ...signed } };
}

/** Adds to an error which file is meant. */
async function named<T>(url: URL, verified: Promise<T>): Promise<T> {
  try {
    return await verified;
  } catch (error) {
    if (!isSyncError(error)) throw error;
    throw new SyncError(error.kind, `${shownUrl(url)}: ${error.message}`, { cause: error });
  }
}

/** Throws SyncError invalid for bytes that are no UTF-8. */
export function textOf(url: URL, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SyncError('invalid', `${shownUrl(url)} is not UTF-8 text`, { cause: error });
  }
}
