import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseHttpOptions } from '../../../stores/http/options.js';
import { TEST_CERTIFICATE } from '../../support/test-certificate.js';

test('certificates are read, and the rest is as it is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-http-options-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [file, noise] = [join(folder, 'ca.pem'), join(folder, 'noise.pem')];
  writeFileSync(file, TEST_CERTIFICATE.cert);
  writeFileSync(noise, 'nothing to see');
  const proxies = { https: 'proxy:3128' };
  t.deepEqual(parseHttpOptions({ caCertificatesFile: file, insecure: true, proxyInformation: proxies }), {
    ca: TEST_CERTIFICATE.cert,
    insecure: true,
    proxies,
  });
  t.deepEqual(parseHttpOptions({ caCertificatesFile: null }), { ca: undefined, insecure: false, proxies: {} });
  for (const path of [noise, join(folder, 'absent.pem')]) {
    t.throws(() => parseHttpOptions({ caCertificatesFile: path }), {
      message: `https_ca_certificates_file: there are no certificates (PEM) to be read from ${path}.`,
    });
  }
});
