import type { ExecutionContext, TestFn } from 'ava';
import type { Image } from '../../src/domain/image.js';
import type { Branch, ImageFilter, ImageQuery, ImageRegistry, SortKey } from '../../src/domain/ports/images.js';
import type { OpenRegistry, TestRegistry } from '../support/databases.js';
import { anImage, aQuery } from '../support/image-factory.js';
import { withRegistry } from './image-registry.js';

/** Names of the images of a list, in order. */
async function names(images: ImageRegistry, query: Partial<ImageQuery>): Promise<string> {
  return (await images.list(aQuery(query))).items.map(({ name }) => name ?? '-').join(' ');
}

async function addAll(images: ImageRegistry, fields: Readonly<Record<string, Partial<Image>>>): Promise<Image[]> {
  const made = Object.entries(fields).map(([name, rest]) => anImage({ name, ...rest }));
  for (const image of made) await images.add(image);
  return made;
}

/** What every implementation of ImageRegistry does with lists. */
export function imageListSuite(test: TestFn, open: OpenRegistry): void {
  const check = (title: string, body: (t: ExecutionContext, registry: TestRegistry) => Promise<void>) =>
    test(`lists: ${title}`, withRegistry(open, body));

  check('the union of the branches of a scope, each image once', async (t, { images, members }) => {
    const made = await addAll(images, {
      pub: { visibility: 'public', owner: 'x' },
      own: {},
      ownpub: { visibility: 'public' },
      community: { visibility: 'community', owner: 'x' },
      shared: { visibility: 'shared', owner: 'x' },
      rejected: { visibility: 'shared', owner: 'x' },
      lonely: { visibility: 'shared', owner: 'x' },
      foreign: { owner: 'x' },
      hidden: { owner: 'x' },
    });
    const id = (name: string) => made.find((image) => image.name === name)?.id ?? '';
    await members.put(id('shared'), { member: 'tenant', status: 'accepted' });
    await members.put(id('rejected'), { member: 'tenant', status: 'rejected' });
    await members.put(id('hidden'), { member: 'tenant' });
    const table: readonly [readonly Branch[], string][] = [
      [[], ''],
      [[{ of: 'everything' }], 'hidden foreign lonely rejected shared community ownpub own pub'],
      [[{ of: 'visibility', visibility: 'public' }], 'ownpub pub'],
      [[{ of: 'owner', owner: 'tenant' }], 'ownpub own'],
      [[{ of: 'owner', owner: 'tenant', visibility: 'private' }], 'own'],
      [[{ of: 'member', member: 'tenant' }], 'rejected shared'],
      [[{ of: 'member', member: 'tenant', statuses: ['accepted', 'pending'] }], 'shared'],
      [[{ of: 'member', member: 'nobody' }], ''],
      [[{ of: 'shared-with-anyone' }], 'rejected shared'],
      [
        [
          { of: 'visibility', visibility: 'public' },
          { of: 'owner', owner: 'tenant' },
          { of: 'member', member: 'tenant' },
          { of: 'shared-with-anyone' },
        ],
        'rejected shared ownpub own pub',
      ],
    ];
    for (const [scope, expected] of table) t.is(await names(images, { scope }), expected, JSON.stringify(scope));
  });

  check('filters', async (t, { images }) => {
    await addAll(images, {
      a: { size: 10, status: 'active', minRam: 64, properties: new Map([['os', 'linux']]), tags: new Set(['x']) },
      A: { size: 20, diskFormat: null, protected: true, properties: new Map([['os', 'Linux']]) },
      b: {
        size: null,
        hidden: true,
        properties: new Map([
          ['OS', 'linux'],
          ['os', null],
        ]),
        tags: new Set(['x', 'y']),
      },
      'a:b': { size: 30, status: 'killed', minDisk: 3, properties: new Map([['os', 'l'.repeat(70)]]) },
    });
    const table: readonly [readonly ImageFilter[], string][] = [
      [[{ by: 'text', field: 'name', in: ['a'] }], 'a'],
      [[{ by: 'text', field: 'name', in: ['a', 'b', 'nul\0', 'none'] }], 'b a'],
      [[{ by: 'text', field: 'name', in: [] }], ''],
      [[{ by: 'text', field: 'diskFormat', in: [''] }], ''],
      [[{ by: 'not-text', field: 'status', in: ['killed', 'active'] }], 'b A'],
      [[{ by: 'not-text', field: 'diskFormat', in: ['raw'] }], 'A'],
      [[{ by: 'not-text', field: 'name', in: ['half \ud800'] }], 'a:b b A a'],
      [[{ by: 'number', field: 'size', is: 'gte', value: 10 }], 'a:b A a'],
      [[{ by: 'number', field: 'size', is: 'gt', value: 10 }], 'a:b A'],
      [[{ by: 'number', field: 'size', is: 'lte', value: 20 }], 'A a'],
      [[{ by: 'number', field: 'size', is: 'lt', value: 20 }], 'a'],
      [[{ by: 'number', field: 'size', is: 'eq', value: 20 }], 'A'],
      [[{ by: 'number', field: 'size', is: 'neq', value: 20 }], 'a:b b a'],
      [[{ by: 'number', field: 'minRam', is: 'eq', value: 64 }], 'a'],
      [[{ by: 'number', field: 'minDisk', is: 'eq', value: 3 }], 'a:b'],
      [[{ by: 'flag', field: 'protected', value: true }], 'A'],
      [[{ by: 'flag', field: 'hidden', value: false }], 'a:b A a'],
      [[{ by: 'property', name: 'os', value: 'linux' }], 'a'],
      [[{ by: 'property', name: 'os', value: 'l'.repeat(70) }], 'a:b'],
      [[{ by: 'property', name: 'os', value: 'l'.repeat(69) }], ''],
      [[{ by: 'property', name: 'nul\0', value: 'half \ud800' }], ''],
      [[{ by: 'tag', tag: 'x' }], 'b a'],
      [
        [
          { by: 'tag', tag: 'x' },
          { by: 'tag', tag: 'y' },
        ],
        'b',
      ],
      [[{ by: 'tag', tag: 'nul\0' }], ''],
      [
        [
          { by: 'property', name: 'os', value: 'linux' },
          { by: 'number', field: 'size', is: 'gt', value: 10 },
        ],
        '',
      ],
    ];
    for (const [filters, expected] of table) {
      t.is(await names(images, { filters }), expected, JSON.stringify(filters));
    }
  });

  check('tombstones only where they are asked for', async (t, { images }) => {
    const [gone, pending] = await addAll(images, { gone: {}, pending: {}, live: {} });
    if (gone === undefined || pending === undefined) return t.fail();
    await images.delete(gone.id, 'deleted', {});
    const { updatedAt } = await images.change(pending.id, {}, {});
    await images.delete(pending.id, 'pending_delete', {});
    t.is(await names(images, {}), 'live');
    t.is(await names(images, { deleted: 'include' }), 'live pending gone');
    const flag = (value: boolean): ImageFilter => ({ by: 'flag', field: 'deleted', value });
    t.is(await names(images, { deleted: 'include', filters: [flag(true)] }), 'pending gone');
    t.is(await names(images, { deleted: 'include', filters: [flag(false)] }), 'live');
    t.is(await names(images, { filters: [flag(true)] }), '');
    const since: ImageFilter = { by: 'number', field: 'updatedAt', is: 'gt', value: updatedAt };
    t.is(await names(images, { deleted: 'include', filters: [since] }), 'pending');
  });

  check('text sorts by code point, absent values as empty ones, equal keys by time and id', async (t, { images }) => {
    const words = ['b', 'B', 'é', 'e\u0301', '\uffee', '\u{1f600}', 'a', 'aa', ' a', '-a', '10', '9'];
    for (const name of words) await images.add(anImage({ name }));
    await images.add(anImage({ name: null, createdAt: 1, id: 'b' }));
    await images.add(anImage({ name: '', createdAt: 1, id: 'a' }));
    await images.add(anImage({ name: null, createdAt: 1, id: 'C' }));
    const sorted = words.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const direction of ['asc', 'desc'] as const) {
      const { items } = await images.list(aQuery({ sort: [{ field: 'name', direction }] }));
      const expected = ['C', 'a', 'b', ...sorted];
      const keys = items.map(({ id, name }) => name || id);
      t.deepEqual(direction === 'asc' ? keys : keys.reverse(), expected);
    }
  });

  check('pages cover the list without gap or repetition, whatever the order', async (t, { images }) => {
    const sizes = [null, 0, 1, 1, 2, 2, 2, 3, null, 5];
    for (const [n, size] of sizes.entries()) {
      await images.add(
        anImage({ name: n % 3 === 0 ? null : `n${n % 4}`, size, createdAt: 5 + (n % 2), minRam: n % 2 }),
      );
    }
    const sorts: readonly (readonly SortKey[])[] = [
      [{ field: 'createdAt', direction: 'desc' }],
      [{ field: 'size', direction: 'asc' }],
      [{ field: 'name', direction: 'desc' }],
      [{ field: 'id', direction: 'asc' }],
      [{ field: 'minRam', direction: 'asc' }],
      [
        { field: 'name', direction: 'asc' },
        { field: 'size', direction: 'desc' },
      ],
      [
        { field: 'status', direction: 'asc' },
        { field: 'name', direction: 'desc' },
        { field: 'id', direction: 'asc' },
      ],
    ];
    for (const sort of sorts) {
      const whole = (await images.list(aQuery({ sort }))).items.map(({ id }) => id);
      const paged: string[] = [];
      let marker: Image | undefined;
      for (let more = true; more; ) {
        const page = await images.list(aQuery({ sort, limit: 3, ...(marker && { marker }) }));
        t.is(page.items.length, Math.min(3, sizes.length - paged.length));
        paged.push(...page.items.map(({ id }) => id));
        marker = page.items.at(-1);
        more = page.more;
      }
      t.deepEqual(paged, whole);
      t.is(new Set(whole).size, sizes.length);
    }
  });

  check('a limit of nothing, and a marker outside the list', async (t, { images }) => {
    const made = await addAll(images, { a: {}, b: { status: 'killed' }, c: {}, d: {} });
    t.deepEqual(await images.list(aQuery({ limit: 0 })), { items: [], more: true });
    t.deepEqual(await images.list(aQuery({ limit: 0, scope: [] })), { items: [], more: false });
    const filters: readonly ImageFilter[] = [{ by: 'not-text', field: 'status', in: ['killed'] }];
    for (const marker of [made[1], made[1] && (await images.delete(made[1].id, 'deleted', {}))]) {
      if (marker === undefined) return t.fail();
      t.is(await names(images, { filters, marker }), 'a');
      t.is(await names(images, { filters, marker, sort: [{ field: 'createdAt', direction: 'asc' }] }), 'c d');
    }
    const full = await images.list(aQuery({ limit: 3 }));
    t.deepEqual([full.items.length, full.more], [3, false]);
  });
}
