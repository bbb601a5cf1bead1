import type { ExecutionContext, TestFn } from 'ava';
import { RegistryError } from '../../src/domain/errors.js';
import type { MemberRegistry } from '../../src/domain/ports/members.js';
import type { OpenRegistry, TestRegistry } from '../support/databases.js';
import { anImage } from '../support/image-factory.js';
import { refused, withRegistry } from './image-registry.js';

async function names(members: MemberRegistry, image: string): Promise<string> {
  return (await members.list(image)).map(({ member }) => member).join(' ');
}

/** What every implementation of MemberRegistry does. */
export function memberRegistrySuite(test: TestFn, open: OpenRegistry): void {
  const check = (title: string, body: (t: ExecutionContext, registry: TestRegistry, image: string) => Promise<void>) =>
    test(
      `members: ${title}`,
      withRegistry(open, async (t, registry) => {
        const image = anImage({ visibility: 'shared' });
        await registry.images.add(image);
        await body(t, registry, image.id);
      }),
    );

  check('a put adds or changes, and keeps what it does not name', async (t, { members }, image) => {
    const added = await members.put(image, { member: 'bob' });
    t.like(added, { imageId: image, member: 'bob', canShare: false, status: 'pending', createdAt: added.updatedAt });
    const sharing = await members.put(image, { member: 'bob', canShare: true });
    const accepted = await members.put(image, { member: 'bob', status: 'accepted' });
    t.deepEqual(accepted, { ...added, canShare: true, status: 'accepted', updatedAt: accepted.updatedAt });
    t.true(accepted.updatedAt > sharing.updatedAt && sharing.updatedAt > added.updatedAt);
    t.deepEqual(await members.get(image, 'bob'), accepted);
    t.deepEqual(await members.list(image), [accepted]);
  });

  check('the list has the order of adding; one that comes back is last', async (t, { members }, image) => {
    for (const member of ['z', 'ü', 'a']) await members.put(image, { member });
    await members.put(image, { member: 'z', canShare: true });
    t.is(await names(members, image), 'z ü a');
    await members.remove(image, 'z');
    await members.put(image, { member: 'z' });
    t.is(await names(members, image), 'ü a z');
    t.false((await members.get(image, 'z')).canShare);
  });

  check('a replacement keeps, adds, removes and retires', async (t, { members }, image) => {
    for (const member of ['a', 'b', 'c']) await members.put(image, { member, canShare: true, status: 'accepted' });
    t.deepEqual(await members.retired(image), new Set());
    await members.replace(image, [
      { member: 'new' },
      { member: 'c' },
      { member: 'a', canShare: false },
      { member: 'new', canShare: true },
    ]);
    const list = await members.list(image);
    t.deepEqual(
      list.map(({ member, canShare, status }) => [member, canShare, status]),
      [
        ['a', false, 'accepted'],
        ['c', true, 'accepted'],
        ['new', true, 'pending'],
      ],
    );
    t.deepEqual(await members.retired(image), new Set(['b']));
    await members.replace(image, []);
    await members.replace(image, []);
    t.deepEqual(await members.list(image), []);
    t.deepEqual([...(await members.retired(image))].sort(), ['a', 'b', 'c', 'new']);
    await members.put(image, { member: 'b' });
    await members.replace(image, [{ member: 'a' }, { member: 'b' }]);
    await members.remove(image, 'a');
    t.deepEqual([...(await members.retired(image))].sort(), ['c', 'new']);
    t.is(await names(members, image), 'b');
  });

  check('who is unknown is not found', async (t, { members, images }, image) => {
    await members.put(image, { member: 'bob' });
    for (const member of ['nobody', '', 'nul\0']) {
      await refused(t, 'not-found', members.get(image, member));
      await refused(t, 'not-found', members.remove(image, member));
    }
    await images.delete(image, 'deleted', {});
    for (const id of [image, anImage().id, 'nul\0']) {
      await refused(t, 'not-found', members.list(id));
      await refused(t, 'not-found', members.retired(id));
      await refused(t, 'not-found', members.get(id, 'bob'));
      await refused(t, 'not-found', members.put(id, { member: 'bob' }));
      await refused(t, 'not-found', members.replace(id, [{ member: 'bob' }]));
      await refused(t, 'not-found', members.remove(id, 'bob'));
    }
  });

  check('names that no database can hold are refused', async (t, { members }, image) => {
    for (const member of ['m'.repeat(256), 'nul\0', 'half \ud800']) {
      await refused(t, 'invalid', members.put(image, { member }));
      await refused(t, 'invalid', members.replace(image, [{ member: 'good' }, { member }]));
      t.deepEqual(await members.of(member), []);
    }
    t.deepEqual(await members.list(image), []);
  });

  check('whoever admits sees the count, also in a crowd', async (t, { members }, image) => {
    const seen: [number, boolean][] = [];
    const admit = (count: number, present: boolean) => {
      seen.push([count, present]);
      if (count >= 3 && !present) throw new RegistryError('quota', 'full');
    };
    const crowd = Array.from({ length: 12 }, (_, n) => members.put(image, { member: `m${n}` }, admit));
    const done = await Promise.allSettled(crowd);
    t.is(done.filter(({ status }) => status === 'fulfilled').length, 3);
    const [first] = await members.list(image);
    t.is((await members.list(image)).length, 3);
    seen.length = 0;
    await members.put(image, { member: first?.member ?? '' }, admit);
    await refused(t, 'quota', members.put(image, { member: 'late' }, admit));
    t.deepEqual(seen, [
      [3, true],
      [3, false],
    ]);
  });

  check('memberships of a tenant, as far as the asker may know', async (t, { members, images }, first) => {
    const other = anImage({ owner: 'other' });
    const ownerless = anImage({ owner: null });
    for (const image of [other, ownerless]) await images.add(image);
    for (const id of [other.id, ownerless.id, first]) await members.put(id, { member: 'bob' });
    await members.put(first, { member: 'eve' });
    const of = async (seenBy?: string | null) => (await members.of('bob', seenBy)).map(({ imageId }) => imageId);
    t.deepEqual(await of(), [other.id, ownerless.id, first]);
    t.deepEqual(await of('bob'), [other.id, ownerless.id, first]);
    t.deepEqual(await of('tenant'), [first]);
    t.deepEqual(await of(null), [ownerless.id]);
    t.deepEqual(await of('nobody'), []);
    await images.delete(other.id, 'deleted', {});
    t.deepEqual(await of(), [ownerless.id, first]);
  });
}
