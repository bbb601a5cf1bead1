import test from 'ava';
import { purge } from '../../../src/registry/sql/index.js';
import { refused } from '../../suites/image-registry.js';
import { openPostgres, openSqlite, stopPostgres } from '../../support/databases.js';
import { anImage, aQuery } from '../../support/image-factory.js';

test.after.always(stopPostgres);

const DAY = 86_400_000_000;

for (const [name, open] of Object.entries({ sqlite: openSqlite, postgresql: openPostgres })) {
  test(`${name}: purge removes what was deleted long enough ago, and keeps the ids`, async (t) => {
    const registry = await open();
    const stone = (days: number, status: 'deleted' | 'pending_delete' = 'deleted') =>
      anImage({
        status,
        deleted: true,
        deletedAt: Date.now() * 1000 - days * DAY,
        locations: [{ url: 'file:///images/x', metadata: {}, status: 'active' }],
      });
    const old = Array.from({ length: 230 }, () => stone(31));
    const kept = [stone(29), stone(31, 'pending_delete'), anImage()];
    for (const image of [...old, ...kept]) await registry.images.add(image);
    t.is(await purge(registry.db, { ageInDays: 30, maxRows: 5 }), 5);
    t.is(await purge(registry.db, { ageInDays: 30, maxRows: 1000 }), 225);
    t.is(await purge(registry.db, { ageInDays: 30, maxRows: 1000 }), 0);
    const left = (await registry.images.list(aQuery({ deleted: 'include' }))).items.map(({ id }) => id);
    t.deepEqual(left.sort(), kept.map(({ id }) => id).sort());
    for (const { id } of old.slice(0, 3)) await refused(t, 'duplicate', registry.images.add(anImage({ id })));
    const ids = old.slice(0, 3).map(({ id }) => id);
    t.deepEqual([...(await registry.images.standing(ids)).values()], ['empty', 'empty', 'empty']);
    await registry.close();
  });
}
