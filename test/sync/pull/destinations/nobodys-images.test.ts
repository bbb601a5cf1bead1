import test from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { quietLog } from '../../../support/quiet-log.js';
import { ServerUnderTest } from '../../../support/server.js';

test('where nobody logs in, community images are listed too, hidden or not', async (t) => {
  const server = await ServerUnderTest.start();
  t.teardown(() => server.dispose());
  const destination = await openDestination(
    cloudOptions({ OS_ENDPOINT: `http://127.0.0.1:${server.port}` }),
    quietLog(),
  );
  const terms = { diskFormat: 'raw', containerFormat: 'bare', minDisk: 0, minRam: 0, tags: [], protected: false };
  for (const [name, change] of [
    ['seen', { visibility: 'community' }],
    ['hidden', { visibility: 'community', hidden: true }],
  ] as const) {
    const id = await destination.create({ ...terms, name, properties: new Map() });
    await destination.change(id, change);
  }
  const images = await destination.list();
  await destination.close();
  await server.stop();
  t.deepEqual(images.map(({ name, visibility, hidden }) => [name, visibility, hidden]).sort(), [
    ['hidden', 'community', true],
    ['seen', 'community', false],
  ]);
});
