import { randomBytes, randomUUID } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import type { SwiftStoreOptions } from '../../../stores/swift/options.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { storeSuite } from '../../suites/store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { type RealSwift, realSwift } from '../../support/swift/real.js';
import { PART_BYTES } from '../../support/swift/rig.js';

const swift = realSwift(process.env);

if (swift) {
  storeSuite('real Swift, static large objects', () => rig(swift, {}));
  storeSuite('real Swift, dynamic large objects', () => rig(swift, { largeObjectType: 'dlo' }));

  test('real Swift: a temporary URL reads the image', async (t) => {
    for (const largeObjectType of ['slo', 'dlo'] as const) {
      const { store, dispose } = await rig(swift, { largeObjectType, tempUrlKey: 'mykey' });
      const bytes = randomBytes(2 * PART_BYTES);
      const { url } = await store.put(randomUUID(), chunks(bytes), { worker: 'w1', signal: calm() });
      const signed = (await store.signedUrl?.(at(url), 60)) ?? '';
      t.true(Buffer.from(await (await fetch(signed)).arrayBuffer()).equals(bytes));
      t.is((await fetch(signed, { headers: { range: 'bytes=1-2' } })).status, 206);
      t.is((await fetch(signed.replace(/(sig=)...../, '$100000'))).status, 401);
      await dispose();
    }
  });

  test('real Swift: an account for each project', async (t) => {
    const { store, dispose } = await rig(swift, { multiTenant: true });
    const key = randomUUID();
    // The one account in which the user of the tests may write.
    const hint = { worker: 'w1', signal: calm(), owner: swift.account };
    const { url } = await store.put(key, chunks(Buffer.from('image')), hint);
    t.true(url.endsWith(`/AUTH_${swift.account}/${store.description.properties.container}_${key}/${key}`));
    t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'image');
    await store.remove(at(url));
    t.true(isRegistryError(await t.throwsAsync(store.size(at(url))), 'not-found'));
    const denied = await t.throwsAsync(store.put(key, chunks(Buffer.from('image')), { ...hint, owner: 'elsewhere' }));
    t.true(isRegistryError(denied, 'storage-denied'));
    await dispose();
  });
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
