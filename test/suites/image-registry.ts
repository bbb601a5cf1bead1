import type { ExecutionContext, TestFn } from 'ava';
import { type ErrorKind, isRegistryError } from '../../src/domain/errors.js';
import type { Image, ImageChange } from '../../src/domain/image.js';
import type { Viewer } from '../../src/domain/ports/images.js';
import type { OpenRegistry, TestRegistry } from '../support/databases.js';
import { anImage, aQuery } from '../support/image-factory.js';

const ADMIN: Viewer = { kind: 'admin', seesDeleted: true };

/** Expects a refusal of this kind and returns its message. */
export async function refused(t: ExecutionContext, kind: ErrorKind, promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRegistryError(error, kind)) {
    t.fail(`expected ${kind}, got ${String(error)}`);
    return '';
  }
  t.pass();
  return error.message;
}

/** Runs a test with an empty registry. */
export function withRegistry(
  open: OpenRegistry,
  body: (t: ExecutionContext, registry: TestRegistry) => Promise<void>,
): (t: ExecutionContext) => Promise<void> {
  return async (t) => {
    const registry = await open();
    try {
      await body(t, registry);
    } catch (error) {
      // What a failed test leaves behind says nothing of its own.
      await registry.close().catch(() => {});
      throw error;
    }
    await registry.close();
  };
}

const FULL: Partial<Image> = {
  name: 'Ubuntu "é" \u{1F600} 10%',
  status: 'active',
  visibility: 'shared',
  owner: null,
  protected: true,
  hidden: true,
  diskFormat: 'qcow2',
  containerFormat: 'ovf',
  size: Number.MAX_SAFE_INTEGER,
  virtualSize: 4096,
  checksum: 'c'.repeat(32),
  hashAlgorithm: 'sha512',
  hashValue: 'd'.repeat(128),
  minDisk: 2 ** 31 - 1,
  minRam: 512,
  properties: new Map([
    ['arch', 'x86_64'],
    ['empty', ''],
    ['long', 'v'.repeat(300)],
    ['none', null],
  ]),
  tags: new Set(['a', 'ü']),
  locations: [
    { url: 'file:///images/1', metadata: { store: 'file', nested: { n: 1 } }, status: 'active' },
    {
      url: 'http://user:secret@host/2',
      metadata: {},
      status: 'active',
      external: {
        delivery: 'cache',
        size: 7,
        etag: '"x"',
        digest: { algorithm: 'sha512', value: 'ab' },
        stale: true,
      },
    },
  ],
};

/** What every implementation of ImageRegistry does, but for lists (image-lists.ts). */
export function imageRegistrySuite(test: TestFn, open: OpenRegistry): void {
  const check = (title: string, body: (t: ExecutionContext, registry: TestRegistry) => Promise<void>) =>
    test(`images: ${title}`, withRegistry(open, body));

  check('an image comes back as it went in', async (t, { images }) => {
    for (const image of [anImage(FULL), anImage({ name: null, size: null, diskFormat: null })]) {
      await images.add(image);
      t.deepEqual(await images.get(image.id, ADMIN), image);
      t.deepEqual((await images.list(aQuery())).items[0], image);
    }
  });

  check('an id is given once, also after the deletion', async (t, { images }) => {
    const image = anImage(FULL);
    await images.add(image);
    await refused(t, 'duplicate', images.add(anImage({ id: image.id })));
    await images.delete(image.id, 'deleted', {});
    await refused(t, 'duplicate', images.add(anImage({ id: image.id })));
  });

  check('who sees an image', async (t, { images, members }) => {
    const eyes: readonly [string, Viewer][] = [
      ['admin', { kind: 'admin', seesDeleted: false }],
      ['owner', { kind: 'tenant', owner: 'tenant' }],
      ['member', { kind: 'tenant', owner: 'member' }],
      ['other', { kind: 'tenant', owner: 'other' }],
      ['nobody', { kind: 'tenant', owner: null }],
      ['public', { kind: 'public' }],
    ];
    const table: readonly [Partial<Image>, string][] = [
      [{ visibility: 'public' }, 'admin owner member other nobody public'],
      [{ visibility: 'community' }, 'admin owner member other nobody'],
      [{ visibility: 'shared' }, 'admin owner member'],
      [{ visibility: 'private' }, 'admin owner'],
      [{ visibility: 'private', owner: null }, 'admin owner member other nobody'],
    ];
    for (const [fields, seenBy] of table) {
      const image = anImage(fields);
      await images.add(image);
      await members.put(image.id, { member: 'member', status: 'rejected' });
      const seen: string[] = [];
      for (const [name, viewer] of eyes) {
        await images.get(image.id, viewer).then(
          () => seen.push(name),
          (error) => t.true(isRegistryError(error, 'not-found')),
        );
      }
      t.is(seen.join(' '), seenBy, JSON.stringify(fields));
    }
  });

  check('only an admin who asks for them sees deleted images', async (t, { images }) => {
    const image = anImage({ visibility: 'public' });
    await images.add(image);
    await images.delete(image.id, 'deleted', {});
    t.is((await images.get(image.id, ADMIN)).status, 'deleted');
    await refused(t, 'not-found', images.get(image.id, { kind: 'admin', seesDeleted: false }));
    await refused(t, 'not-found', images.get(image.id, { kind: 'tenant', owner: 'tenant' }));
  });

  check('ids that no database can hold are not found', async (t, { images }) => {
    for (const id of ['', 'no such', 'nul\0', 'half \ud800']) {
      await refused(t, 'not-found', images.get(id, ADMIN));
      await refused(t, 'not-found', images.change(id, {}, {}));
      await refused(t, 'not-found', images.delete(id, 'deleted', {}));
    }
  });

  check('a change sets what it names', async (t, { images }) => {
    const image = anImage();
    await images.add(image);
    const { id, createdAt, updatedAt, deletedAt, deleted, revision, properties, ...fields } = anImage(FULL);
    const after = await images.change(image.id, { ...fields, properties: { set: properties, purge: false } }, {});
    t.deepEqual(after, { ...image, ...fields, properties, updatedAt: after.updatedAt, revision: 2 });
    t.true(after.updatedAt > image.updatedAt);
    t.deepEqual(await images.get(image.id, ADMIN), after);
    const touched = await images.change(image.id, {}, {});
    t.deepEqual(touched, { ...after, updatedAt: touched.updatedAt, revision: 3 });
    t.true(touched.updatedAt > after.updatedAt);
  });

  check('properties are merged or purged, tags and locations replaced', async (t, { images }) => {
    const properties = new Map([
      ['a', '1'],
      ['b', '2'],
    ]);
    const image = anImage({ properties, tags: new Set(['x', 'y']), locations: FULL.locations ?? [] });
    await images.add(image);
    const set = new Map<string, string | null>([
      ['b', null],
      ['c', '3'],
    ]);
    const merged = await images.change(image.id, { properties: { set, purge: false } }, {});
    t.deepEqual([...merged.properties].sort(), [
      ['a', '1'],
      ['b', null],
      ['c', '3'],
    ]);
    const purged = await images.change(image.id, { properties: { set, purge: true } }, {});
    t.deepEqual([...purged.properties].sort(), [
      ['b', null],
      ['c', '3'],
    ]);
    const emptied = await images.change(image.id, { tags: new Set(['z']), locations: [] }, {});
    t.deepEqual([...emptied.tags], ['z']);
    t.deepEqual(emptied.locations, []);
    t.is(emptied.properties.size, 2);
  });

  check('a change is a compare-and-swap of status and revision', async (t, { images }) => {
    const image = anImage();
    await images.add(image);
    await refused(t, 'conflict', images.change(image.id, { name: 'x' }, { status: ['saving', 'active'] }));
    await refused(t, 'conflict', images.change(image.id, { name: 'x' }, { revision: 2 }));
    t.deepEqual(await images.get(image.id, ADMIN), image);
    const changed = await images.change(image.id, { status: 'saving' }, { status: ['active', 'queued'], revision: 1 });
    t.is(changed.revision, 2);
  });

  check('of fifty changes at once one wins', async (t, { images }) => {
    const image = anImage();
    await images.add(image);
    const races: readonly [ImageChange, { status?: ['queued']; revision?: number }][] = [
      [{ status: 'saving' }, { status: ['queued'] }],
      [{ minRam: 1 }, { revision: 2 }],
    ];
    for (const [change, expected] of races) {
      const all = await Promise.allSettled(Array.from({ length: 50 }, () => images.change(image.id, change, expected)));
      t.is(all.filter(({ status }) => status === 'fulfilled').length, 1);
      const losers = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      t.true(losers.every((reason) => isRegistryError(reason, 'conflict')));
    }
  });

  check('a deletion leaves a tombstone and returns what was', async (t, { images, members }) => {
    for (const as of ['deleted', 'pending_delete'] as const) {
      const image = anImage(FULL);
      await images.add(image);
      await members.put(image.id, { member: 'member' });
      await refused(t, 'conflict', images.delete(image.id, as, { status: ['queued'] }));
      t.deepEqual(await images.delete(image.id, as, { status: ['active'] }), image);
      const stone = await images.get(image.id, ADMIN);
      t.deepEqual(stone, {
        ...image,
        status: as,
        deleted: true,
        deletedAt: stone.updatedAt,
        updatedAt: stone.updatedAt,
        revision: 2,
        properties: new Map(),
        tags: new Set(),
        locations: stone.locations,
      });
      t.true(stone.updatedAt > image.updatedAt);
      const status = as === 'deleted' ? 'active' : as;
      t.deepEqual(
        stone.locations,
        image.locations.map((location) => ({ ...location, status })),
      );
      await refused(t, 'not-found', images.delete(image.id, as, {}));
      await refused(t, 'not-found', images.change(image.id, { name: 'x' }, {}));
      t.deepEqual(await members.of('member'), []);
    }
  });

  check('values that a database could not keep are refused, and nothing is written', async (t, { images }) => {
    const bad: readonly [Partial<Image>, RegExp][] = [
      [{ size: 2 ** 53 }, /size/],
      [{ size: -1 }, /size/],
      [{ size: 1.5 }, /size/],
      [{ virtualSize: 2 ** 60 }, /virtual size/],
      [{ minDisk: 2 ** 31 }, /min_disk/],
      [{ minRam: -1 }, /min_ram/],
      [{ name: 'n'.repeat(256) }, /name/],
      [{ name: 'nul \0' }, /name/],
      [{ name: 'half \ud800' }, /name/],
      [{ properties: new Map([['p'.repeat(256), '']]) }, /property name/],
      [{ properties: new Map([['key', 'nul \0']]) }, /property key/],
      [{ tags: new Set(['t'.repeat(256)]) }, /tag/],
    ];
    const kept = anImage();
    await images.add(kept);
    for (const [{ properties, ...fields }, said] of bad) {
      const image = anImage({ ...fields, properties: properties ?? new Map() });
      t.regex(await refused(t, 'invalid', images.add(image)), said);
      const change: ImageChange = { ...fields, properties: { set: image.properties, purge: false } };
      t.regex(await refused(t, 'invalid', images.change(kept.id, change, {})), said);
    }
    t.deepEqual((await images.list(aQuery({ deleted: 'include' }))).items, [kept]);
  });

  check('standing: what a sweep of a store goes by', async (t, { images, leases }) => {
    const locations = FULL.locations ?? [];
    const stored = anImage({ status: 'active', locations });
    const pending = anImage({ status: 'active', locations });
    const deleted = anImage({ status: 'active', locations });
    const saving = anImage({ status: 'saving' });
    const queued = anImage();
    for (const image of [stored, pending, deleted, saving, queued]) await images.add(image);
    await images.delete(pending.id, 'pending_delete', {});
    await images.delete(deleted.id, 'deleted', {});
    for (const { id } of [saving, stored]) {
      await leases.take({ image: id, worker: 'w', expiresAt: 1, abandoned: 'queued', store: 'file' });
    }
    const ids = [stored, pending, deleted, saving, queued].map(({ id }) => id);
    const others = Array.from({ length: 600 }, () => anImage().id);
    const standing = await images.standing([...others, ...ids, 'nul \0']);
    t.deepEqual(
      ids.map((id) => standing.get(id)),
      ['stored', 'stored', 'empty', 'in-progress', 'empty'],
    );
    t.is(standing.size, 5);
    t.deepEqual(await images.standing([]), new Map());
    await leases.release(saving.id, 'w');
    await leases.release(stored.id, 'w');
  });
}
