import test from 'ava';
import type { ImageQuery } from '../../../src/domain/ports/images.js';
import { connect, createRegistry, migrate } from '../../../src/registry/sql/index.js';
import { listImages } from '../../../src/registry/sql/list-images.js';
import { refused } from '../../suites/image-registry.js';
import { silent } from '../../support/databases.js';
import { anImage, aQuery, steadyClock } from '../../support/image-factory.js';

const TIGHT = { narrow: 0, piece: 3, sorted: 5 };

test('a list that would take too long is refused as busy, and says what would help', async (t) => {
  const db = await connect({ connection: 'sqlite://', statementTimeout: 0 }, silent);
  await migrate(db);
  const { images } = createRegistry(db, steadyClock());
  for (let n = 0; n < 10; n++) await images.add(anImage({ minRam: n }));
  const rare: ImageQuery = aQuery({ filters: [{ by: 'number', field: 'minRam', is: 'gt', value: 8 }] });
  t.is((await listImages(db, rare)).items.length, 1);
  t.regex(await refused(t, 'busy', listImages(db, rare, TIGHT)), /more selective/);
  const unsorted = aQuery({ sort: [{ field: 'minRam', direction: 'asc' }] });
  t.is((await listImages(db, unsorted)).items.length, 10);
  t.regex(await refused(t, 'busy', listImages(db, unsorted, TIGHT)), /another key/);
  await db.close();
});
