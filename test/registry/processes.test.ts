import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { connect } from '../../src/registry/sql/connect.js';
import { createRegistry, migrate, schemaStatus } from '../../src/registry/sql/index.js';
import { openMigrated, postgres, silent, sqliteFolder, stopPostgres } from '../support/databases.js';
import { anImage, steadyClock } from '../support/image-factory.js';

// Several processes on one database, as several API servers of one cloud are.

test.after.always(stopPostgres);

interface Place {
  readonly connection: string;
  remove(): Promise<void>;
}
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  sqlite: sqliteFolder,
  postgresql: async () => ({ connection: await (await postgres()).createDatabase(), async remove() {} }),
};

function child(...words: string[]): ChildProcess {
  return fork(new URL('../support/registry-child.js', import.meta.url), words, { execArgv: [] });
}

async function report(process: ChildProcess): Promise<unknown> {
  const ended = once(process, 'exit').then(([code, signal]) => Promise.reject(new Error(`ended: ${code ?? signal}`)));
  ended.catch(() => {});
  const [message] = await Promise.race([once(process, 'message'), ended]);
  return message;
}

async function exit(process: ChildProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
}

for (const [name, makePlace] of Object.entries(PLACES)) {
  const check = (title: string, body: (t: ExecutionContext, connection: string) => Promise<void>) =>
    test.serial(`${name}: ${title}`, async (t) => {
      const place = await makePlace();
      await body(t, place.connection);
      await place.remove();
    });

  check('three processes that start at once migrate once', async (t, connection) => {
    const children = [1, 2, 3].map(() => child('migrate', connection));
    t.deepEqual(await Promise.all(children.map(report)), ['migrated', 'migrated', 'migrated']);
    await Promise.all(children.map(exit));
    const db = await connect({ connection }, silent);
    t.is((await schemaStatus(db)).state, 'current');
    await db.close();
  });

  check('a process killed while it migrates leaves neither lock nor half a schema', async (t, connection) => {
    const killed = child('hang', connection);
    t.is(await report(killed), 'migrating');
    killed.kill('SIGKILL');
    await exit(killed);
    const db = await connect({ connection }, silent);
    t.is((await schemaStatus(db)).state, 'empty');
    await migrate(db);
    t.is((await schemaStatus(db)).state, 'current');
    await db.close();
  });

  check('of the changes that two processes try at once one wins', async (t, connection) => {
    const db = await openMigrated(connection);
    const { images } = createRegistry(db, steadyClock());
    const image = anImage();
    await images.add(image);
    const racers = [1, 2].map(() => child('race', connection, image.id));
    const reports = (await Promise.all(racers.map(report))).sort();
    t.deepEqual(reports, ['0 won, 25 lost', '1 won, 24 lost']);
    await Promise.all(racers.map(exit));
    t.is((await images.get(image.id, { kind: 'admin', seesDeleted: false })).revision, 2);
    await db.close();
  });
}
