import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { parseSwiftOptions, type SwiftStoreOptions } from '../../../stores/swift/options.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { at, calm, chunks, contents } from '../../suites/store-rig.js';
import { SwiftDouble } from '../../support/swift/double.js';

const { TEST_KEYSTONE_URL: address, TEST_KEYSTONE_USER: user, TEST_KEYSTONE_KEY: key } = process.env;
const image = () => chunks(Buffer.from('image'));
const hint = () => ({ worker: 'w1', signal: calm() });

/** A test with the tokens and the catalog of a real Keystone, and a double for the objects. */
function withKeystone(
  title: string,
  body: (t: ExecutionContext, double: SwiftDouble, options: SwiftStoreOptions) => Promise<void>,
): void {
  if (!address || !user || !key) {
    test.skip(`real Keystone: ${title}: TEST_KEYSTONE_URL, TEST_KEYSTONE_USER and TEST_KEYSTONE_KEY name none`, () => {});
    return;
  }
  test(`real Keystone: ${title}`, async (t) => {
    const double = await SwiftDouble.start();
    double.anyToken = true;
    const options = parseSwiftOptions({
      swift_store_auth_address: address,
      swift_store_user: user,
      swift_store_key: key,
      swift_store_endpoint: `${double.url}/v1/AUTH_test`,
      swift_store_create_container_on_put: true,
    });
    await body(t, double, options);
    await double.stop();
  });
}

withKeystone('a token that is used, and replaced when it is refused', async (t, double, options) => {
  const store = await createSwiftStore(options);
  const { url } = await store.put(randomUUID(), image(), hint());
  t.is((await contents(await store.open(at(url), undefined, calm()))).toString(), 'image');
  double.faults.plan({ method: 'HEAD', path: /glance/, fault: { kind: 'status', status: 401 } });
  t.is(await store.size(at(url)), 5);
  t.true(double.faults.spent);
  await store.close();
});

withKeystone('a wrong password, and a user of another domain', async (t, _double, options) => {
  for (const changes of [{ key: 'wrong' }, { userDomain: { name: 'Elsewhere' } }]) {
    const access = { ...options.access, ...changes };
    const store = await createSwiftStore({ ...options, access });
    const error = await t.throwsAsync(store.put(randomUUID(), image(), hint()));
    t.true(isRegistryError(error, 'storage-denied'), String(error));
    await store.close();
  }
});

withKeystone('an endpoint of the catalog, and none', async (t, _double, { endpoint: _, ...options }) => {
  const found = await createSwiftStore({ ...options, serviceType: 'identity' });
  const url = `${options.access.address.replace('http', 'swift+http')}/glance/${randomUUID()}`;
  // Keystone itself is what the catalog names here, and it knows no such object.
  t.true(isRegistryError(await t.throwsAsync(found.size(at(url))), 'not-found'));
  for (const changes of [{ serviceType: 'none' }, { serviceType: 'identity', region: 'none' }]) {
    const store = await createSwiftStore({ ...options, ...changes, limits: { retryMs: 1 } });
    const error = await t.throwsAsync(store.size(at(url)), { message: /knows no endpoint/ });
    t.true(isRegistryError(error, 'storage-unavailable'));
    await store.close();
  }
  await found.close();
});
