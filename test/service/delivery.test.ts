import test from 'ava';
import { type ExternalSource, type Location, UNKNOWN_SOURCE } from '../../src/domain/location.js';
import { DeliveryPlan, type DeliveryRules, type Reader } from '../../src/service/delivery.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { createStorePool } from '../../stores/pool.js';
import { anImage } from '../support/image-factory.js';
import { READER } from '../support/v1-services.js';

const RULES: DeliveryRules = {
  standard: 'proxy',
  networks: [],
  onRequest: false,
  redirectsTokens: false,
  signedSeconds: undefined,
  sendsFiles: false,
};
const URL = 'http://example.org/image';
const IMAGE = anImage({ status: 'active', size: 4 });

const store = {
  ...createMemoryStore('own'),
  signedUrl: async (_: Location, seconds: number) => `https://signed/${seconds}`,
  filePath: () => '/images/one',
  size: async () => 4,
};

function place(external?: Partial<ExternalSource>, url = URL): Location {
  return { url, metadata: {}, status: 'active', external: { ...UNKNOWN_SOURCE, ...external } };
}

function way(location: Location, rules: Partial<DeliveryRules> = {}, reader: Partial<Reader> = {}) {
  const plan = new DeliveryPlan(createStorePool([store], 'own'), { ...RULES, ...rules });
  return plan.elsewhere(IMAGE, location, { ...READER, ...reader });
}

const here = [{ has: (address: string) => address === '127.0.0.1', delivery: 'redirect' as const }];
const redirected = { kind: 'redirect', url: URL };

for (const [title, location, rules, reader, expected] of [
  ['by default bytes go through the server', place(), {}, {}, undefined],
  ['a location may say otherwise', place({ delivery: 'redirect' }), { onRequest: true }, {}, redirected],
  ['if it may', place({ delivery: 'redirect' }), {}, {}, undefined],
  ['so may the network of the reader', place(), { networks: here }, {}, redirected],
  ['other networks do not count', place(), { networks: here }, { address: '10.0.0.1' }, undefined],
  ['the location wins over the network', place({ delivery: 'proxy' }), { networks: here }, {}, undefined],
  ['and over the default', place({ delivery: 'cache' }), { standard: 'redirect' }, {}, undefined],
  ['the default may be a redirect', place(), { standard: 'redirect' }, {}, redirected],
  ['a reader may ask', place(), { onRequest: true }, { wantsRedirect: true }, redirected],
  ['if it may ask', place(), {}, { wantsRedirect: true }, undefined],
  ['a token stays here', place(), { standard: 'redirect' }, { hasToken: true }, undefined],
  [
    'unless the operator says so',
    place(),
    { standard: 'redirect', redirectsTokens: true },
    { hasToken: true },
    redirected,
  ],
  ['credentials are never told', place({}, 'http://u:p@example.org/'), { standard: 'redirect' }, {}, undefined],
  ['a user is a credential too', place({}, 'http://u@example.org/'), { standard: 'redirect' }, {}, undefined],
  ['other schemes are no places to go', place({}, 's3://x/y'), { standard: 'redirect' }, {}, undefined],
  [
    'a URL is told as it can stand in a header',
    place({}, 'http://Example.org/ä b'),
    { standard: 'redirect' },
    {},
    { kind: 'redirect', url: 'http://example.org/%C3%A4%20b' },
  ],
  ['a changed origin is not recommended', place({ stale: true }), { standard: 'redirect' }, {}, undefined],
] as const) {
  test(title, async (t) => {
    t.deepEqual(await way(location, rules, reader), expected);
  });
}

const own: Location = { url: 'memory://x', metadata: {}, status: 'active' };

test('bytes of a store are signed for or sent by the web server, where the operator says so', async (t) => {
  t.is(await way(own), undefined);
  t.is(await way(own, { standard: 'redirect' }), undefined);
  t.deepEqual(await way(own, { signedSeconds: 60 }), { kind: 'redirect', url: 'https://signed/60' });
  t.is(await way(own, { signedSeconds: 60 }, { hasToken: true }), undefined);
  t.deepEqual(await way(own, { sendsFiles: true }, { hasToken: true }), { kind: 'file', path: '/images/one' });
});
