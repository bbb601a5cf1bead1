import { migrations } from '../../migrations/index.js';
import type { Migration } from '../../migrations/migration.js';
import { isRegistryError } from '../../src/domain/errors.js';
import { connect, createRegistry } from '../../src/registry/sql/index.js';
import { migrate } from '../../src/registry/sql/migrate.js';
import { silent } from './databases.js';
import { steadyClock } from './image-factory.js';

// A second process for tests: works on a database as its first argument says, reports to its parent, and ends.

/** A step of the schema that never ends, so that the parent can kill this process in the middle of it. */
const endless: Migration = {
  name: '9999-endless',
  needs: '0.1.0',
  async up() {
    process.send?.('migrating');
    await new Promise(() => setInterval(() => {}, 1000));
  },
};

const [work, connection, image] = process.argv.slice(2);
if (work === undefined || connection === undefined) throw new Error('usage: registry-child WORK CONNECTION [IMAGE]');
const db = await connect({ connection }, silent);
switch (work) {
  case 'migrate':
    await migrate(db);
    process.send?.('migrated');
    break;
  case 'hang':
    await migrate(db, [...migrations, endless]);
    break;
  case 'race': {
    const { images } = createRegistry(db, steadyClock());
    const attempts = Array.from({ length: 25 }, () =>
      images.change(image ?? '', { status: 'saving' }, { status: ['queued'] }),
    );
    const results = await Promise.allSettled(attempts);
    const won = results.filter(({ status }) => status === 'fulfilled').length;
    const lost = results.filter((one) => one.status === 'rejected' && isRegistryError(one.reason, 'conflict')).length;
    process.send?.(`${won} won, ${lost} lost`);
    break;
  }
  default:
    throw new Error(`unknown work: ${work}`);
}
await db.close();
process.disconnect?.();
