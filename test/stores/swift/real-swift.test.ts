import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { SwiftStoreOptions } from '../../../stores/swift/options.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { storeSuite } from '../../suites/store.js';
import { type RealSwift, realSwift } from '../../support/swift/real.js';
import { PART_BYTES } from '../../support/swift/rig.js';

const swift = realSwift(process.env);

if (swift) {
  storeSuite('real Swift, static large objects', () => rig(swift, {}));
  storeSuite('real Swift, dynamic large objects', () => rig(swift, { largeObjectType: 'dlo' }));
} else {
  test.skip('real Swift: TEST_SWIFT_AUTH_URL, TEST_SWIFT_USER and TEST_SWIFT_KEY name none', () => {});
}

/** A store on a container of its own, which goes with it. */
async function rig(real: RealSwift, changes: Partial<SwiftStoreOptions>) {
  const container = `glimpse-${randomBytes(6).toString('hex')}`;
  const store = await createSwiftStore(real.options({ container, ...changes }));
  return {
    store,
    partBytes: PART_BYTES,
    leftovers: () => real.orphans(container),
    async dispose() {
      await store.close();
      await real.empty(container);
    },
  };
}
