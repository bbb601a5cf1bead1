import { join } from 'node:path';
import test from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';
import { calm, chunks } from '../../../suites/store-rig.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { startFakeImageService } from '../../../support/fake-image-service.js';
import { startProxy } from '../../../support/forward-proxy.js';
import { quietLog } from '../../../support/quiet-log.js';
import { ServerUnderTest } from '../../../support/server.js';
import { TEST_CERTIFICATE } from '../../../support/test-certificate.js';
import { useFolder } from '../../../support/v1-server.js';

const { cert, key } = TEST_CERTIFICATE;
const folder = useFolder({ 'ca.pem': cert });

test('a service of http is asked by the proxy of the environment, uploads too', async (t) => {
  const [server, proxy] = [await ServerUnderTest.start(), await startProxy()];
  t.teardown(() => Promise.all([proxy.close(), server.dispose()]));
  const OS_ENDPOINT = `http://127.0.0.1:${server.port}`;
  const destination = await openDestination(
    cloudOptions({ OS_ENDPOINT, http_proxy: `http://me:pw@${proxy.host}` }),
    quietLog(),
  );
  const draft = {
    name: 'x',
    diskFormat: 'raw',
    containerFormat: 'bare',
    minDisk: 0,
    minRam: 0,
    properties: new Map(),
    tags: [],
    protected: false,
  };
  const id = await destination.create(draft);
  t.like(await destination.upload(id, chunks(Buffer.alloc(500_000)), undefined, calm()), { size: 500_000 });
  await destination.close();
  const basic = `Basic ${Buffer.from('me:pw').toString('base64')}`;
  t.true(proxy.asked.includes(`PUT ${OS_ENDPOINT}/v2/images/${id}/file ${basic}`), proxy.asked.join('\n'));
});

test('a service of https is asked through a tunnel, and one of no_proxy straight', async (t) => {
  const versions = () => ({ status: 200, body: { versions: [{ id: 'v2.0' }] } });
  const [service, proxy] = [await startFakeImageService(versions, { cert, key }), await startProxy()];
  t.teardown(() => Promise.all([proxy.close(), service.close()]));
  const env = { OS_ENDPOINT: service.url, OS_CACERT: join(folder, 'ca.pem'), https_proxy: proxy.host };
  const tunnelled = await openDestination(cloudOptions(env), quietLog());
  await tunnelled.close();
  t.deepEqual(proxy.asked, [`CONNECT ${new URL(service.url).host} -`]);
  const straight = await openDestination(cloudOptions({ ...env, no_proxy: 'example.org, 127.0.0.1' }), quietLog());
  await straight.close();
  t.is(proxy.asked.length, 1);
});

test('a proxy that is none', async (t) => {
  const options = cloudOptions({ OS_ENDPOINT: 'http://127.0.0.1:9', http_proxy: 'ftp://hidden-1@x' });
  const error = await t.throwsAsync(openDestination(options, quietLog()));
  t.true(isSyncError(error, 'usage'), String(error));
  t.regex(String(error), /http_proxy must be host:port/);
  t.notRegex(String(error), /hidden-1/);
});
