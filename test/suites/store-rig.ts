import test, { type ExecutionContext } from 'ava';
import type { Opened, Store } from '../../src/domain/ports/store.js';

/** A store under test, what shows what it left behind, and its end. */
export interface StoreRig {
  readonly store: Store;
  /** Bytes at which the store changes its way: a part, a segment, a buffer. The suite tries the sizes around it. */
  readonly partBytes: number;
  /** Names of everything it holds and everything it has open, finished objects excluded. */
  leftovers(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* parts;
}

/** The bytes in pieces of at most so many. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function contents(opened: Opened): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of opened.bytes) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

export const at = (url: string) => ({ url, metadata: {}, status: 'active' }) as const;

/** A new signal that nobody aborts. */
export const calm = (): AbortSignal => new AbortController().signal;

/** Registers tests that each have a store of their own, and that fail when it leaves something behind. */
export function checks<R extends StoreRig>(name: string, make: () => Promise<R>) {
  return (title: string, body: (t: ExecutionContext, rig: R) => Promise<void>): void => {
    test(`${name}: ${title}`, async (t) => {
      const rig = await make();
      try {
        await body(t, rig);
        t.deepEqual(await rig.leftovers(), [], 'nothing is left behind');
      } finally {
        await rig.dispose();
      }
    });
  };
}
