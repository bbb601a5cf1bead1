import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isRegistryError } from '../../src/domain/errors.js';
import type { ByteRange } from '../../src/domain/ports/store.js';
import { at, calm, checks, contents, type StoreRig } from './store-rig.js';

/** A store with a way to have bytes in it, whoever writes them. */
export interface ReadableRig extends StoreRig {
  /** Puts bytes there and gives their URL. */
  place(bytes: Uint8Array): Promise<string>;
  /** A URL of this store under which there is nothing. */
  readonly absent: string;
}

/** What every store that can be read must satisfy. */
export function readableStoreSuite(name: string, make: () => Promise<ReadableRig>): void {
  const check = checks(name, make);

  for (const [title, sizeOf] of [
    ['no bytes', () => 0],
    ['one byte', () => 1],
    ['a part less one byte', (part: number) => part - 1],
    ['a part', (part: number) => part],
    ['a part and one byte', (part: number) => part + 1],
  ] as const) {
    check(`gives back ${title}`, async (t, { store, place, partBytes }) => {
      const bytes = randomBytes(sizeOf(partBytes));
      const location = at(await place(bytes));
      t.true(store.owns(location));
      t.is(await store.size(location), bytes.length);
      const opened = await store.open(location, undefined, calm());
      t.is(opened.size, bytes.length);
      t.true((await contents(opened)).equals(bytes));
      await opened.close();
    });
  }

  const ranges: readonly [ByteRange, string | 'range'][] = [
    [{ start: 0, end: 0 }, '0'],
    [{ start: 0, end: 9 }, '0123456789'],
    [{ start: 9, end: 9 }, '9'],
    [{ start: 3, end: 5 }, '345'],
    [{ start: 8, end: 99 }, '89'],
    [{ start: 10, end: 10 }, 'range'],
    [{ start: 5, end: 4 }, 'range'],
    [{ start: -1, end: 4 }, 'range'],
  ];
  for (const [range, expected] of ranges) {
    check(`range ${range.start} to ${range.end} of ten bytes`, async (t, { store, place }) => {
      const location = at(await place(Buffer.from('0123456789')));
      const open = store.open(location, range, calm());
      if (expected === 'range') {
        t.true(isRegistryError(await t.throwsAsync(open), 'range'));
        return;
      }
      const opened = await open;
      t.is(opened.size, 10);
      t.is((await contents(opened)).toString(), expected);
    });
  }

  check('ranges around the edge of a part', async (t, { store, place, partBytes }) => {
    const bytes = randomBytes(2 * partBytes + 3);
    const location = at(await place(bytes));
    const last = bytes.length - 1;
    for (const [start, end] of [
      [partBytes - 1, partBytes],
      [partBytes, partBytes],
      [partBytes - 1, 2 * partBytes],
      [2 * partBytes, last],
      [0, last],
    ] as const) {
      const opened = await store.open(location, { start, end }, calm());
      t.is(opened.size, bytes.length);
      t.true((await contents(opened)).equals(bytes.subarray(start, end + 1)), `${start} to ${end}`);
    }
  });

  check('closes the source when the reader leaves early', async (t, { store, place }) => {
    const location = at(await place(randomBytes(1_000_000)));
    const opened = await store.open(location, undefined, calm());
    for await (const chunk of opened.bytes) {
      t.true(chunk.byteLength > 0);
      break;
    }
    const unread = await store.open(location, undefined, calm());
    await unread.close();
    await unread.close();
  });

  check('waits for a slow reader', async (t, { store, place }) => {
    const bytes = randomBytes(3_000_000);
    const opened = await store.open(at(await place(bytes)), undefined, calm());
    const parts: Buffer[] = [];
    for await (const chunk of opened.bytes) {
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      parts.push(Buffer.from(chunk));
    }
    t.true(Buffer.concat(parts).equals(bytes));
  });

  check('fails a read whose signal is aborted', async (t, { store, place }) => {
    const location = at(await place(randomBytes(1000)));
    const aborted = new AbortController();
    aborted.abort(new Error('enough'));
    await t.throwsAsync(store.open(location, undefined, aborted.signal), { message: 'enough' });
    const later = new AbortController();
    const opened = await store.open(location, undefined, later.signal);
    later.abort(new Error('enough now'));
    await t.throwsAsync(contents(opened), { message: 'enough now' });
  });

  check('says not-found for what is not there', async (t, { store, absent }) => {
    for (const act of [() => store.open(at(absent), undefined, calm()), () => store.size(at(absent))]) {
      t.true(isRegistryError(await t.throwsAsync(act), 'not-found'));
    }
  });

  check('says invalid for what is not its own', async (t, { store }) => {
    for (const location of ['other://somewhere/x', 'nonsense', '']) {
      t.false(store.owns(at(location)), location);
      for (const act of [() => store.open(at(location), undefined, calm()), () => store.size(at(location))]) {
        t.true(isRegistryError(await t.throwsAsync(act), 'invalid'), location);
      }
    }
  });
}
