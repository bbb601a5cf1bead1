import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Destination, Draft, RemoteImage } from '../../src/sync/pull/destination.js';
import { isSyncError } from '../../src/sync/sync-error.js';
import { calm, chunks, pieces } from './store-rig.js';

/** A destination under test, whose images are this test's alone. */
export interface DestinationRig {
  readonly destination: Destination;
  /** The project that images belong to. */
  readonly owner: string;
  /** The bytes of an image as a reader gets them. */
  bytesOf(id: string): Promise<Buffer>;
  /** Names of the files of its stores, those of images included. */
  storedFiles(): Promise<readonly string[]>;
}

const DRAFT: Draft = {
  name: 'cirros',
  diskFormat: 'raw',
  containerFormat: 'bare',
  minDisk: 0,
  minRam: 0,
  properties: new Map(),
  tags: [],
  protected: false,
};

/** Names and values that have hurt somebody: of images and of properties. */
const ODD_NAMES = [
  'Debian 12',
  'dots.and_underscores',
  'a/b~c~1d',
  '日本語',
  'ünïcödé "quoted" \\ back',
  "it's",
  '100%41',
  ' blanks ',
];
const ODD_PROPERTIES: readonly (readonly [string, string])[] = [
  ['org.openstack__1__os_distro', 'debian.org'],
  ['hw_disk_bus', 'scsi'],
  ['with-hyphens', 'x'],
  ['MixedCase', 'Y'],
  ['slash/and~tilde~1', 'z'],
  ['white space', 'w'],
  ['empty', ''],
  ['blanks', '  both ends  '],
  ['lines', 'one\ntwo'],
  ['umlauts', 'Grüße, 世界'],
  ['percent', '%41 %zz'],
  ['json', '{"a": [1, "2"]}'],
  ['__proto__', 'p'],
  ['constructor', 'c'],
  ['kleinö', 'k'],
  ['long', 'x'.repeat(4000)],
];

/** What every destination must satisfy. `rig` is there once the tests run. Tests run one by one and leave nothing behind. */
export function destinationSuite(title: string, rig: () => DestinationRig): void {
  const check = (name: string, body: (t: ExecutionContext, destination: Destination) => Promise<void>): void => {
    test.serial(`${title}: ${name}`, async (t) => {
      const { destination, storedFiles } = rig();
      try {
        await body(t, destination);
        t.deepEqual(await destination.list(), [], 'no image is left');
      } finally {
        for (const { id, protected: kept } of await destination.list()) {
          if (kept) await destination.change(id, { protected: false });
          await destination.remove(id);
        }
      }
      // A server may still be about to find out that its client has gone.
      for (let left = 100; left > 0 && (await storedFiles()).length > 0; left -= 1) await wait(100);
      t.deepEqual(await storedFiles(), [], 'no file is left');
    });
  };
  const find = async (destination: Destination, id: string): Promise<RemoteImage | undefined> =>
    (await destination.list()).find((image) => image.id === id);
  const put = (destination: Destination, id: string, bytes: Buffer, size: number | undefined = bytes.length) =>
    destination.upload(id, pieces(bytes, 65_536), size, calm());
  /** An image that failed is the caller's to remove, and must not pass for one that has bytes. */
  const assertEmpty = async (t: ExecutionContext, destination: Destination, id: string): Promise<void> => {
    const image = await find(destination, id);
    t.not(image?.status, 'active');
    await destination.remove(id);
  };

  check('a private image, its bytes, its hashes', async (t, destination) => {
    const draft = { ...DRAFT, minDisk: 3, minRam: 512, properties: new Map([['os_distro', 'cirros']]) };
    const id = await destination.create(draft);
    const queued = await find(destination, id);
    t.like(queued, {
      name: 'cirros',
      status: 'queued',
      visibility: 'private',
      protected: false,
      minDisk: 3,
      minRam: 512,
    });
    t.like(queued, { diskFormat: 'raw', containerFormat: 'bare', owner: rig().owner, hidden: false });
    const bytes = randomBytes(300_000);
    const active = await put(destination, id, bytes);
    t.like(active, {
      id,
      status: 'active',
      size: bytes.length,
      checksum: createHash('md5').update(bytes).digest('hex'),
    });
    if (destination.api !== 'v1') {
      t.is(active.hashAlgorithm, 'sha512');
      t.is(active.hashValue, createHash('sha512').update(bytes).digest('hex'));
    }
    t.deepEqual([...active.properties], [['os_distro', 'cirros']]);
    t.deepEqual(await find(destination, id), active);
    t.true((await rig().bytesOf(id)).equals(bytes));
    await destination.remove(id);
    t.is(await find(destination, id), undefined);
  });

  check('bytes of unknown length, in memory that is used again, and none', async (t, destination) => {
    const memory = Buffer.alloc(100_000);
    const source = async function* () {
      for (const value of [1, 2, 3, 4]) yield memory.fill(value);
    };
    const id = await destination.create(DRAFT);
    t.is((await destination.upload(id, source(), undefined, calm())).size, 400_000);
    const found = await rig().bytesOf(id);
    t.deepEqual([found[0], found[100_000], found[200_000], found[399_999]], [1, 2, 3, 4]);
    await destination.remove(id);
    const none = await destination.create(DRAFT);
    const empty = destination.upload(none, chunks(), undefined, calm());
    if (destination.api === 'v1') {
      const error = await t.throwsAsync(empty);
      t.true(isSyncError(error, 'destination'), String(error));
      t.regex(String(error), /is queued after its upload/);
    } else {
      t.like(await empty, { status: 'active', size: 0 });
    }
    await destination.remove(none);
  });

  check('odd names come back as the fitted draft has them', async (t, destination) => {
    for (const name of ODD_NAMES) {
      const { draft } = destination.fit({ ...DRAFT, name });
      const id = await destination.create(draft);
      t.is((await find(destination, id))?.name, draft.name);
      await destination.remove(id);
    }
  });

  check('odd properties and tags come back as the fitted draft has them', async (t, destination) => {
    const all = { ...DRAFT, properties: new Map(ODD_PROPERTIES), tags: ['b', 'a b', 'ö/~', 'b'] };
    const { draft, warnings } = destination.fit(all);
    t.deepEqual(destination.fit(draft), { draft, warnings: [] }, 'what fits, fits');
    if (destination.api !== 'v1') t.deepEqual([draft.properties, warnings], [all.properties, []]);
    const id = await destination.create(draft);
    const image = await find(destination, id);
    t.deepEqual(sorted(image?.properties), sorted(draft.properties));
    t.deepEqual([...(image?.tags ?? [])].sort(), [...draft.tags].sort());
    await destination.remove(id);
  });

  check('a property that servers keep for themselves is left out, and said', async (t, destination) => {
    const draft = {
      ...DRAFT,
      properties: new Map(['visibility', 'owner', 'os_glance_x', 'ok'].map((name) => [name, '1'])),
    };
    const fitted = destination.fit(draft);
    if (destination.api === 'v1') return;
    t.deepEqual([...fitted.draft.properties], [['ok', '1']]);
    t.is(fitted.warnings.length, 3);
    t.regex(fitted.warnings.join(), /"visibility".*"owner".*"os_glance_x"/);
  });

  check('changes of every sort, and nothing else moves', async (t, destination) => {
    const { draft } = destination.fit({ ...DRAFT, properties: new Map(ODD_PROPERTIES), tags: ['one'] });
    const id = await destination.create(draft);
    const before = await put(destination, id, Buffer.from('image'));
    const [gone = ''] = draft.properties.keys();
    const set = new Map([
      ['added', 'ä'],
      ['percent', 'other'],
    ]);
    await destination.change(id, {
      name: 'renamed (20261120)',
      minDisk: 7,
      minRam: 8,
      set,
      unset: [gone, 'absent', 'added'],
      ...(destination.api === 'v1' ? {} : { tags: ['two', 'three'] }),
    });
    const properties = new Map([...before.properties, ...set]);
    properties.delete(gone);
    const changed = await find(destination, id);
    t.deepEqual(sorted(changed?.properties), sorted(properties));
    t.like(changed, {
      name: 'renamed (20261120)',
      minDisk: 7,
      minRam: 8,
      status: 'active',
      size: 5,
      visibility: 'private',
    });
    if (destination.api !== 'v1') t.deepEqual([...(changed?.tags ?? [])].sort(), ['three', 'two']);
    await destination.change(id, {});
    t.deepEqual(await find(destination, id), changed);
    await destination.change(id, { visibility: 'public' });
    t.deepEqual(await find(destination, id), changed && { ...changed, visibility: 'public' });
    await destination.change(id, { visibility: 'private', unset: ['absent'] });
    t.deepEqual(await find(destination, id), changed);
    t.is((await rig().bytesOf(id)).toString(), 'image');
    await destination.remove(id);
  });

  check('a protected image stays until it is so no more', async (t, destination) => {
    const id = await destination.create({ ...DRAFT, protected: true });
    await put(destination, id, Buffer.from('x'));
    await destination.change(id, { protected: true, visibility: 'public' });
    t.like(await find(destination, id), { protected: true, visibility: 'public' });
    const error = await t.throwsAsync(destination.remove(id));
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), /protected/);
    await destination.change(id, { protected: false });
    await destination.remove(id);
    await t.notThrowsAsync(destination.remove(id), 'what is gone already is no error');
  });

  check('a hidden image is listed all the same', async (t, destination) => {
    const id = await destination.create(DRAFT);
    if (destination.api === 'v1') {
      const error = await t.throwsAsync(destination.change(id, { hidden: true }));
      t.true(isSyncError(error, 'destination'));
      t.regex(String(error), /API v1 cannot/);
    } else {
      await destination.change(id, { hidden: true, visibility: 'community' });
      t.like(await find(destination, id), { hidden: true, visibility: 'community' });
      await destination.change(id, { hidden: false });
      t.like(await find(destination, id), { hidden: false });
    }
    await destination.remove(id);
  });

  check('a source that fails: its own error, and no bytes', async (t, destination) => {
    for (const size of [undefined, 5_000_000]) {
      const id = await destination.create(DRAFT);
      const broken = new Error('broken');
      let returned = false;
      const source = async function* () {
        try {
          yield* pieces(randomBytes(1_000_000), 100_000);
          throw broken;
        } finally {
          returned = true;
        }
      };
      t.is(await t.throwsAsync(destination.upload(id, source(), size, calm())), broken);
      t.true(returned);
      await assertEmpty(t, destination, id);
    }
  });

  check('an upload that is cancelled: the reason, and no bytes', async (t, destination) => {
    const id = await destination.create(DRAFT);
    const controller = new AbortController();
    const reason = new Error('stop');
    let closed = (): void => {};
    const over = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const source = async function* () {
      try {
        for (let sent = 0; ; sent += 1) {
          if (sent === 20) controller.abort(reason);
          await turn();
          yield randomBytes(100_000);
        }
      } finally {
        closed();
      }
    };
    t.is(await t.throwsAsync(destination.upload(id, source(), undefined, controller.signal)), reason);
    await over;
    t.is(await t.throwsAsync(destination.upload(id, source(), undefined, controller.signal)), reason);
    await assertEmpty(t, destination, id);
  });

  check('more or fewer bytes than announced', async (t, destination) => {
    for (const [bytes, size] of [
      [200_000, 300_000],
      [300_000, 200_000],
    ] as const) {
      const id = await destination.create(DRAFT);
      const error = await t.throwsAsync(put(destination, id, randomBytes(bytes), size));
      t.true(isSyncError(error, 'destination', 'mismatch'), String(error));
      await assertEmpty(t, destination, id);
    }
  });

  check('what the server does not take, it says why', async (t, destination) => {
    const error = await t.throwsAsync(destination.create({ ...DRAFT, diskFormat: 'floppy' }));
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), /floppy/);
    const id = randomUUID();
    const absent = await t.throwsAsync(destination.upload(id, chunks(), undefined, calm()));
    t.true(isSyncError(absent, 'destination'), String(absent));
    t.true(isSyncError(await t.throwsAsync(destination.change(id, { name: 'x' })), 'destination'));
    await destination.remove(id);
  });

  check('a second upload of an image is refused, and the first stays', async (t, destination) => {
    const id = await destination.create(DRAFT);
    await put(destination, id, Buffer.from('first'));
    const error = await t.throwsAsync(put(destination, id, Buffer.from('second')));
    t.true(isSyncError(error, 'destination', 'unreachable'), String(error));
    t.is((await rig().bytesOf(id)).toString(), 'first');
    await destination.remove(id);
  });
}

function sorted(properties: ReadonlyMap<string, string> | undefined): readonly (readonly [string, string])[] {
  return [...(properties ?? [])].sort(([one], [other]) => (one < other ? -1 : 1));
}
