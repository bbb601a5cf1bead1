/// <reference lib="es2024.sharedmemory" />

/** Bytes of one slab: large enough that the cost of a system call and of a message between threads vanishes. */
export const SLAB_BYTES = 1024 * 1024;

/** Shared memory, so that hashing threads read a slab where it lies. */
export type Slab = Uint8Array<SharedArrayBuffer>;

/**
 * Lends slabs. The pool bounds what uploads may use for speed, not whether they run: a caller that holds no slab always gets one,
 * or stalled clients holding slabs could keep everybody else out.
 */
export interface SlabPool {
  /** A slab, its contents undefined; nothing when the pool is used up and the caller, who holds `held` slabs, can go on with those. */
  take(held: number): Slab | undefined;
  /** Gives a slab back; nobody may touch it afterwards. */
  give(slab: Slab): void;
}

/** A pool of at most `limit` slabs for speed, of which `spare` are kept when nobody uses them. */
export function createSlabPool(limit = 64, spare = 16): SlabPool {
  const free: Slab[] = [];
  let lent = 0;
  return {
    take(held) {
      if (held > 0 && lent >= limit) return undefined;
      lent += 1;
      return free.pop() ?? newSlab();
    },
    give(slab) {
      lent -= 1;
      if (free.length < spare) free.push(slab);
    },
  };
}

/** Growable memory, though it never grows: that begins on a page, as writes past the page cache ask of their memory. */
function newSlab(): Slab {
  return new Uint8Array(new SharedArrayBuffer(SLAB_BYTES, { maxByteLength: SLAB_BYTES }), 0, SLAB_BYTES);
}

/** The pool of this process. */
export const slabs: SlabPool = createSlabPool();
