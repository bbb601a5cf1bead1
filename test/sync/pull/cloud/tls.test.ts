import { join } from 'node:path';
import test from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { startFakeImageService } from '../../../support/fake-image-service.js';
import { quietLog } from '../../../support/quiet-log.js';
import { TEST_CERTIFICATE } from '../../../support/test-certificate.js';
import { useFolder } from '../../../support/v1-server.js';

const { cert, key } = TEST_CERTIFICATE;
const folder = useFolder({ 'ca.pem': cert, 'key.pem': key });
const ca = join(folder, 'ca.pem');

const CASES: readonly (readonly [title: string, env: Readonly<Record<string, string>>, refused: RegExp | undefined])[] =
  [
    [
      'a certificate that nobody vouches for',
      {},
      /cannot be reached: .*certificate.* \(OS_CACERT names the certificates to trust\)/,
    ],
    ['a certificate that is vouched for', { OS_CACERT: ca }, undefined],
    ['a certificate that is taken as it is', { OS_INSECURE: 'True' }, undefined],
    [
      'a file of certificates that is not there',
      { OS_CACERT: join(folder, 'absent.pem') },
      /absent.pem cannot be read/,
    ],
  ];
for (const [title, more, refused] of CASES) {
  test(title, async (t) => {
    const service = await startFakeImageService(() => ({ status: 200, body: { versions: [{ id: 'v2.0' }] } }), {
      cert,
      key,
    });
    t.teardown(() => service.close());
    const open = openDestination(cloudOptions({ OS_ENDPOINT: service.url, ...more }), quietLog());
    if (refused === undefined) {
      const destination = await open;
      t.is(destination.api, 'v2');
      await destination.close();
    } else {
      const error = await t.throwsAsync(open);
      t.true(isSyncError(error, 'unreachable', 'usage'), String(error));
      t.regex(String(error), refused);
    }
  });
}

test('a service that wants a certificate of its client', async (t) => {
  const tls = { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true };
  const service = await startFakeImageService(() => ({ status: 200, body: { versions: [{ id: 'v2.0' }] } }), tls);
  t.teardown(() => service.close());
  const env = { OS_ENDPOINT: service.url, OS_CACERT: ca };
  const error = await t.throwsAsync(openDestination(cloudOptions(env), quietLog()));
  t.true(isSyncError(error, 'unreachable'), String(error));
  const known = { ...env, OS_CERT: ca, OS_KEY: join(folder, 'key.pem') };
  const destination = await openDestination(cloudOptions(known), quietLog());
  t.is(destination.api, 'v2');
  await destination.close();
});
