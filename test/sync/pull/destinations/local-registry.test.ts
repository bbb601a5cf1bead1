import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import type { Destination } from '../../../../src/sync/pull/destination.js';
import { destinationSuite } from '../../../suites/destination.js';
import { quietLog } from '../../../support/quiet-log.js';
import { useFolder } from '../../../support/v1-server.js';

const folder = useFolder();
const config = useFolder({
  'glance-api.conf': `
[database]
connection = sqlite:///${folder}/images.sqlite
[glance_store]
filesystem_store_datadir = ${folder}/images
[glimpse]
auto_migrate = true
`,
});

let destination: Destination | undefined;
test.before(async () => {
  const files = [join(config, 'glance-api.conf')];
  destination = await openDestination({ kind: 'registry', files, dirs: [], owner: 'p1' }, quietLog());
});
test.after.always(() => destination?.close());

const files = () => readdirSync(join(folder, 'images'), { recursive: true, encoding: 'utf8' });

destinationSuite('registry of a configuration', () => {
  if (destination === undefined) throw new Error('the registry is not open');
  return {
    destination,
    owner: 'p1',
    bytesOf: async (id) => readFileSync(join(folder, 'images', id)),
    storedFiles: async () => files(),
  };
});
