import test from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import type { Destination } from '../../../../src/sync/pull/destination.js';
import { destinationSuite } from '../../../suites/destination.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { quietLog } from '../../../support/quiet-log.js';
import { useV2Server } from '../../../support/v2-server.js';

let destination: Destination | undefined;
const server = useV2Server(
  {},
  {
    prepare: async () => {
      const OS_ENDPOINT = `http://127.0.0.1:${server.running.port}`;
      const env = { OS_ENDPOINT, OS_TOKEN: 'u:p1:admin', OS_IMAGE_API_VERSION: '1' };
      destination = await openDestination(cloudOptions(env), quietLog());
    },
  },
);
test.after.always(() => destination?.close());

destinationSuite('API v1', () => {
  if (destination === undefined) throw new Error('the destination is not open');
  return {
    destination,
    owner: 'p1',
    bytesOf: async (id) => (await server.admin.get(`/v1/images/${id}`)).body,
    storedFiles: async () => server.running.storedFiles(),
  };
});
