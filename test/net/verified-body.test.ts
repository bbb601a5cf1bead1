import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { type ErrorKind, isRegistryError } from '../../src/domain/errors.js';
import { verifiedBody } from '../../src/net/verified-body.js';

const MOST = 6;

for (const [title, length, parts, kind] of [
  ['as announced', 5, ['he', 'llo'], undefined],
  ['nothing, as announced', 0, [], undefined],
  ['not announced', undefined, ['hello'], undefined],
  ['as many as may come', undefined, ['hello', '!'], undefined],
  ['fewer than announced', 6, ['hello'], 'storage-unavailable'],
  ['nothing of what was announced', 1, [], 'storage-unavailable'],
  ['more than announced', 4, ['hello'], 'storage-unavailable'],
  ['more than may come', undefined, ['hello', '!!'], 'too-large'],
] as const satisfies readonly [string, number | undefined, readonly string[], ErrorKind | undefined][]) {
  test(`bytes that are ${title}`, async (t) => {
    const body = Readable.from(
      parts.map((part) => Buffer.from(part)),
      { objectMode: false },
    );
    const read = buffer(verifiedBody(body, { length, most: MOST, signal: undefined }));
    if (kind === undefined) t.is(String(await read), parts.join(''));
    else t.true(isRegistryError(await t.throwsAsync(read), kind));
    t.true(body.destroyed);
  });
}
