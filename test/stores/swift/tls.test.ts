import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { calm, chunks } from '../../suites/store-rig.js';
import { CERTIFICATE, PRIVATE_KEY } from '../../support/swift/certificate.js';
import { SwiftDouble } from '../../support/swift/double.js';
import { swiftOptions } from '../../support/swift/rig.js';

test('a server is verified by swift_store_cacert, or not at all with swift_store_auth_insecure', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-swift-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, CERTIFICATE);
  const double = await SwiftDouble.start();
  double.anyToken = true;
  const keys = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (_request, response) => {
    response.writeHead(200, { 'x-auth-token': 't', 'x-storage-url': `${double.url}/v1/AUTH_test` }).end();
  });
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const address = keys.address();
  const options = swiftOptions(
    `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/auth/v1.0`,
  );
  for (const [changes, outcome] of [
    [{}, 'storage-unavailable'],
    [{ caFile }, 'stored'],
    [{ insecure: true }, 'stored'],
  ] as const) {
    const store = await createSwiftStore({ ...options, ...changes });
    t.is(store.schemes[0], 'swift+https');
    const put = store.put(randomUUID(), chunks(Buffer.from('image')), { worker: 'w1', signal: calm() });
    if (outcome === 'stored') t.is((await put).size, 5);
    else t.true(isRegistryError(await t.throwsAsync(put), outcome));
    await store.close();
  }
  await t.throwsAsync(createSwiftStore({ ...options, caFile: join(folder, 'none.pem') }), {
    message: /^swift_store_cacert cannot be read: ENOENT/,
  });
  await double.stop();
  await new Promise((resolve) => keys.close(resolve));
  await rm(folder, { recursive: true });
});
