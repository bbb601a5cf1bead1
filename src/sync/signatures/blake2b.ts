/** Bytes of one block. */
const BLOCK_BYTES = 128;

const IV = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const;

/** Which word of the message each step takes, one digit a word; rounds 11 and 12 begin again. */
const SCHEDULE = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
] as const;

const LANES = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/**
 * BLAKE2b (RFC 7693) of a message of at most one block, `length` bytes of digest, without a key. node:crypto has the digest of 64 bytes only, and
 * a shorter one is not its beginning. Throws RangeError for more than 128 bytes.
 */
export function blake2b(message: Uint8Array, length: number): Buffer {
  if (message.byteLength > BLOCK_BYTES) throw new RangeError('blake2b: one block at most');
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(message);
  const state = new BigUint64Array(IV);
  state[0] = at(state, 0) ^ 0x01010000n ^ BigInt(length);
  const v = new BigUint64Array([...state, ...IV]);
  v[12] = at(v, 12) ^ BigInt(message.byteLength);
  v[14] = ~at(v, 14);
  for (let round = 0; round < 12; round++) {
    for (const [step, [a, b, c, d]] of LANES.entries()) {
      mix(v, a, b, c, d, word(block, round, 2 * step), word(block, round, 2 * step + 1));
    }
  }
  const digest = Buffer.alloc(64);
  for (let index = 0; index < 8; index++) {
    digest.writeBigUInt64LE(at(state, index) ^ at(v, index) ^ at(v, index + 8), 8 * index);
  }
  return digest.subarray(0, length);
}

/** Assignments to the array keep the lower 64 bits. */
function mix(v: BigUint64Array, a: number, b: number, c: number, d: number, x: bigint, y: bigint): void {
  v[a] = at(v, a) + at(v, b) + x;
  v[d] = rotate(at(v, d) ^ at(v, a), 32n);
  v[c] = at(v, c) + at(v, d);
  v[b] = rotate(at(v, b) ^ at(v, c), 24n);
  v[a] = at(v, a) + at(v, b) + y;
  v[d] = rotate(at(v, d) ^ at(v, a), 16n);
  v[c] = at(v, c) + at(v, d);
  v[b] = rotate(at(v, b) ^ at(v, c), 63n);
}

function rotate(value: bigint, right: bigint): bigint {
  return (value >> right) | (value << (64n - right));
}

function word(block: Buffer, round: number, position: number): bigint {
  const index = Number.parseInt(SCHEDULE[round % SCHEDULE.length]?.[position] ?? '', 16);
  return block.readBigUInt64LE(8 * index);
}

function at(words: BigUint64Array, index: number): bigint {
  return words[index] ?? 0n;
}
