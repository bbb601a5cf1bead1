/** Bytes of one piece. */
export const PIECE_BYTES = 1024 * 1024;

/** Memory that parts are kept in, shared by all uploads of a store. */
export interface PartMemory {
  /** Whether somebody holds a piece. */
  readonly shared: boolean;
  /** A piece, its contents undefined; nothing when the common part is used up, unless it is `needed`: then the caller has nothing else to go on with. */
  take(needed: boolean): Uint8Array | undefined;
  /** Gives a piece back; nobody may touch it afterwards. */
  give(piece: Uint8Array): void;
}

/**
 * Memory of `common` pieces by which uploads go faster, and what they need beyond it. Everything is used again as long as there is any upload:
 * pieces that are dropped and made anew wait for a collector that does not hurry (four uploads at once grew to 1.5 GiB).
 */
export function createPartMemory(common: number): PartMemory {
  const free: Uint8Array[] = [];
  let lent = 0;
  return {
    get shared() {
      return lent > 0;
    },
    take(needed) {
      if (!needed && lent >= common) return undefined;
      lent += 1;
      return free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
    },
    give(piece) {
      lent -= 1;
      free.push(piece);
      if (lent === 0) free.splice(common);
    },
  };
}
