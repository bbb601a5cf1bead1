import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createKeystone, type KeystoneIdentityOptions } from '../../src/auth/keystone.js';
import { isRegistryError } from '../../src/domain/errors.js';
import { KeystoneDouble } from '../support/keystone-double.js';
import { quietLog } from '../support/quiet-log.js';
import { TEST_CERTIFICATE } from '../support/test-certificate.js';

const PASSWORD = {
  by: 'password',
  user: { name: 'glance', domain: { id: 'default' } },
  password: 'secret',
  project: { id: 'service' },
} as const;

/** TLS in front of a Keystone, by a certificate that no authority of the system knows; gives its port. */
async function guarded(t: ExecutionContext, keystone: KeystoneDouble): Promise<number> {
  const server = createServer(TEST_CERTIFICATE, (client) => {
    const behind = connect(Number(new URL(keystone.url).port), '127.0.0.1');
    // Whoever hangs up ends the other side; neither is a failure of the test.
    void pipeline(client, behind, client).catch(() => {});
  });
  // Clients that do not trust the certificate hang up in the handshake.
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

const CASES: readonly (readonly [title: string, trust: Partial<KeystoneIdentityOptions>, known: boolean])[] = [
  ['a certificate that nobody vouches for is an outage', {}, false],
  ['cafile vouches for it', { ca: TEST_CERTIFICATE.cert }, true],
  ['insecure takes any', { insecure: true }, true],
];
for (const [title, trust, known] of CASES) {
  test(title, async (t) => {
    const keystone = await KeystoneDouble.start();
    t.teardown(() => keystone.stop());
    const source = createKeystone({
      address: `https://127.0.0.1:${await guarded(t, keystone)}`,
      publicUrl: 'https://keystone.example.org/v3',
      proof: PASSWORD,
      interface: 'internal',
      region: undefined,
      timeoutMs: 10_000,
      retries: 0,
      retryMs: 1,
      insecure: false,
      delayDecision: true,
      cacheMs: 300_000,
      serviceRoles: ['service'],
      serviceRolesRequired: false,
      log: quietLog(),
      ...trust,
    });
    t.teardown(() => source.close());
    const token = keystone.issue({ user: 'u1', project: 'p1' });
    const header = (name: string) => (name === 'x-auth-token' ? token : undefined);
    const asking = source.identify({ header, remoteAddress: '127.0.0.1' });
    if (known) {
      t.like(await asking, { user: 'u1', tenant: 'p1' });
      return;
    }
    t.true(isRegistryError(await t.throwsAsync(asking), 'identity-unavailable'));
    t.deepEqual([keystone.logins, keystone.asked.length], [0, 0], 'nothing was sent');
  });
}
