import { createHash } from 'node:crypto';
import test from 'ava';
import { SourceChanged } from '../../src/domain/errors.js';
import { UNKNOWN_SOURCE } from '../../src/domain/location.js';
import { createInlineHasher } from '../../src/hashing/hasher.js';
import { verified } from '../../src/service/verified.js';
import { chunks } from '../suites/store-rig.js';

const sha256 = (text: string) => ({ algorithm: 'sha256', value: createHash('sha256').update(text).digest('hex') });

/** What a reader gets of `parts`, and how it ends. */
async function reading(parts: readonly string[], size: number | null, digest: ReturnType<typeof sha256> | null) {
  const source = { bytes: chunks(...parts.map((part) => Buffer.from(part))), size: undefined, close: async () => {} };
  const opened = verified(source, { ...UNKNOWN_SOURCE, size, digest }, createInlineHasher());
  let got = '';
  try {
    for await (const chunk of opened.bytes) got += Buffer.from(chunk).toString();
    return { got, changed: false };
  } catch (error) {
    return { got, changed: error instanceof SourceChanged };
  }
}

for (const [title, parts, size, digest, got, changed] of [
  ['the same bytes', ['ab', '', 'cd'], 4, sha256('abcd'), 'abcd', false],
  ['nothing known', ['ab', 'cd'], null, null, 'abcd', false],
  ['no bytes', [], 0, sha256(''), '', false],
  ['no bytes where some were', [], 4, null, '', true],
  ['other bytes', ['ab', 'cx'], 4, sha256('abcd'), 'ab', true],
  ['other bytes in one piece', ['abcx'], 4, sha256('abcd'), '', true],
  ['fewer bytes', ['ab', 'c'], 4, null, 'ab', true],
  ['more bytes', ['ab', 'cd', 'e'], 4, null, 'ab', true],
  [
    'a digest in capitals',
    ['abcd'],
    4,
    { ...sha256('abcd'), value: sha256('abcd').value.toUpperCase() },
    'abcd',
    false,
  ],
] as const) {
  test(`${title}: a reader never gets the last chunk of what is not the image`, async (t) => {
    t.deepEqual(await reading(parts, size, digest), { got, changed });
  });
}
