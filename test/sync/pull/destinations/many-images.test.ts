import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { openDestination } from '../../../../src/composition/open-destination.js';
import type { DestinationOptions } from '../../../../src/sync/pull/destination.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { quietLog } from '../../../support/quiet-log.js';
import { ServerUnderTest } from '../../../support/server.js';

const MANY = 10_000;
/** Every so many-th is hidden. */
const HIDDEN = 1000;

/** Images of one project with two properties each, written past the API: it would take minutes. */
function fill(file: string): void {
  const database = new Database(file);
  database.exec(`
    INSERT INTO images (id, name, status, visibility, owner, protected, os_hidden, disk_format, container_format, size, checksum,
      min_disk, min_ram, created_at, updated_at, deleted, revision)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
    SELECT printf('%08x-0000-4000-8000-000000000000', i), 'image ' || i, 'active', iif(i % 2, 'public', 'private'), 'p1', 0,
      i % ${HIDDEN} = 0, 'qcow2', 'bare', i, 'c', 0, 0, 1700000000000000, 1700000000000000, 0, 1 FROM n;
    INSERT INTO image_properties (image_id, name, value) SELECT id, 'os_distro', 'debian' FROM images;
    INSERT INTO image_properties (image_id, name, value) SELECT id, 'serial', name FROM images;`);
  database.close();
}

test(`${MANY} images in pages, all of them once`, async (t) => {
  const server = await ServerUnderTest.start({ DEFAULT: { api_limit_max: 700 } });
  t.teardown(() => server.dispose());
  fill(join(server.folder, 'images.sqlite'));
  const OS_ENDPOINT = `http://127.0.0.1:${server.port}`;
  const config = join(server.folder, 'glance-api.conf');
  const ways: readonly DestinationOptions[] = [
    cloudOptions({ OS_ENDPOINT }),
    cloudOptions({ OS_ENDPOINT, OS_IMAGE_API_VERSION: '1' }),
    { kind: 'registry', files: [config], dirs: [], owner: undefined },
  ];
  for (const way of ways) {
    const destination = await openDestination(way, quietLog());
    const images = await destination.list();
    await destination.close();
    t.is(images.length, MANY, destination.api);
    t.is(new Set(images.map(({ id }) => id)).size, MANY);
    t.true(images.every(({ name, size, properties }) => name === `image ${size}` && properties.get('serial') === name));
    t.is(images.filter(({ visibility }) => visibility === 'public').length, MANY / 2);
    t.is(images.filter(({ hidden }) => hidden).length, destination.api === 'v1' ? 0 : MANY / HIDDEN, destination.api);
  }
  await server.stop();
});
