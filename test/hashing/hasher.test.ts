import { createHash, randomBytes } from 'node:crypto';
import test from 'ava';
import { digestBytes, HASH_ALGORITHMS } from '../../src/domain/hash-algorithms.js';
import type { Hasher } from '../../src/domain/ports/hasher.js';
import { createHasher, createInlineHasher } from '../../src/hashing/hasher.js';

const MIB = 1024 * 1024;
const ALGORITHMS = ['md5', 'sha512', 'sha256'];

function shared(bytes: Buffer): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** The beginning of what Python's hashlib makes of `x`, by its names for the algorithms. */
const HASHLIB: ReadonlyMap<string, string> = new Map([
  ['sha224', '54a2f7f92a5f975d'],
  ['sha3_256', '741efa311f976869'],
  ['sha3_512', '0fdb27960308c514'],
  ['blake2b', '0909377ad35110ca'],
  ['blake2s', 'ec308c07c83582c6'],
]);

test('every algorithm has the name, the value and the length that clients know', async (t) => {
  const hasher = createHasher();
  const digestOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
    const digest = hasher.start(HASH_ALGORITHMS);
    await digest.update(bytes);
    return digest.finish();
  };
  const small = await digestOf(Buffer.from('x'));
  const threaded = await digestOf(shared(Buffer.alloc(MIB)));
  HASH_ALGORITHMS.forEach((algorithm, index) => {
    t.is(small[index]?.length, digestBytes(algorithm) * 2, algorithm);
    t.is(threaded[index]?.length, digestBytes(algorithm) * 2, algorithm);
    const known = HASHLIB.get(algorithm);
    if (known !== undefined) t.is(small[index]?.slice(0, 16), known, algorithm);
  });
  await hasher.close();
});

const kinds: readonly [string, () => Hasher][] = [
  ['inline', createInlineHasher],
  ['in threads', () => createHasher()],
  ['in one thread', () => createHasher(1)],
];
for (const [kind, make] of kinds) {
  for (const sizes of [[], [0], [1], [MIB - 1], [MIB], [MIB, 5], [5, MIB, 7], [2 * MIB, MIB, MIB, 1]]) {
    test(`${kind}: digests of chunks of ${sizes.join(' + ') || 'nothing'}`, async (t) => {
      const hasher = make();
      const chunks = sizes.map((size) => randomBytes(size));
      for (const convert of [(bytes: Buffer) => bytes, shared]) {
        const digest = hasher.start(ALGORITHMS);
        for (const chunk of chunks) await digest.update(convert(chunk));
        const whole = Buffer.concat(chunks);
        const expected = ALGORITHMS.map((algorithm) => createHash(algorithm).update(whole).digest('hex'));
        t.deepEqual(await digest.finish(), expected);
        digest.abort();
      }
      await hasher.close();
    });
  }

  test(`${kind}: updates need not wait for each other`, async (t) => {
    const hasher = make();
    const chunks = Array.from({ length: 8 }, () => shared(randomBytes(MIB)));
    const digest = hasher.start(['md5']);
    await Promise.all(chunks.map((chunk) => digest.update(chunk)));
    t.deepEqual(await digest.finish(), [createHash('md5').update(Buffer.concat(chunks)).digest('hex')]);
    await hasher.close();
  });

  test(`${kind}: many digests at once, some of them aborted`, async (t) => {
    const hasher = make();
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const bytes = shared(randomBytes(MIB + index));
        const digest = hasher.start(ALGORITHMS);
        const updated = digest.update(bytes);
        if (index % 3 === 0) {
          digest.abort();
          digest.abort();
          await updated;
          return true;
        }
        await updated;
        const [md5] = await digest.finish();
        return md5 === createHash('md5').update(bytes).digest('hex');
      }),
    );
    t.true(outcomes.every(Boolean));
    await hasher.close();
  });

  test(`${kind}: an unknown algorithm fails at once and nothing else with it`, async (t) => {
    const hasher = make();
    t.throws(() => hasher.start(['md5', 'nonsense']));
    const digest = hasher.start(['md5']);
    await digest.update(shared(Buffer.alloc(MIB)));
    t.is((await digest.finish()).length, 1);
    await hasher.close();
  });
}

test('a caller learns that the threads are gone, and the next stream gets new ones', async (t) => {
  const hasher = createHasher(1);
  const digest = hasher.start(['sha512']);
  const updates = Array.from({ length: 64 }, async () => digest.update(shared(Buffer.alloc(MIB))));
  const outcome = Promise.all(updates);
  await hasher.close();
  await t.throwsAsync(outcome, { message: /thread ended/ });
  const next = hasher.start(['md5']);
  await next.update(shared(Buffer.alloc(MIB)));
  t.deepEqual(await next.finish(), [createHash('md5').update(Buffer.alloc(MIB)).digest('hex')]);
  await hasher.close();
});
