import test from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import type { Destination } from '../../../../src/sync/pull/destination.js';
import { destinationSuite } from '../../../suites/destination.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { quietLog } from '../../../support/quiet-log.js';

/** A Glance of upstream's, without images, that takes `user:project:role` for a token (its tests' fakeauth). */
const { TEST_GLANCE_URL: url } = process.env;
const token = 'u:p1:admin';

if (url === undefined) {
  test.skip('real Glance: TEST_GLANCE_URL names none', () => {});
} else {
  let destination: Destination | undefined;
  test.before(async () => {
    destination = await openDestination(cloudOptions({ OS_ENDPOINT: url, OS_TOKEN: token }), quietLog());
  });
  test.after.always(() => destination?.close());

  destinationSuite('real Glance', () => {
    if (destination === undefined) throw new Error('the destination is not open');
    return {
      destination,
      owner: 'p1',
      async bytesOf(id) {
        const answer = await fetch(`${url}/v2/images/${id}/file`, { headers: { 'x-auth-token': token } });
        return Buffer.from(await answer.arrayBuffer());
      },
      storedFiles: async () => [],
    };
  });
}
