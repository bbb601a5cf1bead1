import { randomBytes, randomUUID } from 'node:crypto';
import test from 'ava';
import { type ErrorKind, isRegistryError } from '../../../src/domain/errors.js';
import type { ImageStanding } from '../../../src/domain/ports/images.js';
import { at, calm, pieces } from '../../suites/store-rig.js';
import type { Fault } from '../../support/swift/faults.js';
import { md5 } from '../../support/swift/objects.js';
import { PART_BYTES, swiftRig } from '../../support/swift/rig.js';

const BYTES = randomBytes(3 * PART_BYTES);
const OBJECT = /\/[0-9a-f-]{36}(\?|$)/;

const ROWS: readonly (readonly [string, Fault, times: number, ErrorKind | 'removed'])[] = [
  ['a burst of 503', { kind: 'status', status: 503 }, 3, 'removed'],
  ['503 without end', { kind: 'status', status: 503 }, 4, 'storage-unavailable'],
  ['a lost answer', { kind: 'lost' }, 1, 'removed'],
  ['an object in use', { kind: 'status', status: 409 }, 1, 'in-use'],
  ['no permission', { kind: 'status', status: 403 }, 1, 'storage-denied'],
];

for (const [title, fault, times, outcome] of ROWS) {
  for (const largeObjectType of ['slo', 'dlo'] as const) {
    test(`removal meets ${title} (${largeObjectType})`, async (t) => {
      const { double, store, dispose } = await swiftRig({ largeObjectType });
      try {
        const { url } = await store.put(randomUUID(), pieces(BYTES, 100_000), { worker: 'w1', signal: calm() });
        double.faults.plan({ method: 'DELETE', path: OBJECT, times, fault });
        if (outcome !== 'removed') {
          t.true(isRegistryError(await t.throwsAsync(store.remove(at(url))), outcome));
          t.is(await store.size(at(url)), BYTES.length);
        }
        await store.remove(at(url));
        t.deepEqual(double.objects.names('AUTH_test/glance'), []);
        t.true(double.faults.spent, 'the fault happened');
      } finally {
        await dispose();
      }
    });
  }
}

test('an image that Glance stored in segments is read and removed', async (t) => {
  const { double, store, dispose } = await swiftRig();
  try {
    await store.put(randomUUID(), pieces(BYTES, 100_000), { worker: 'w1', signal: calm() });
    const key = randomUUID();
    const url = `swift+http://test%3Atester:secret@127.0.0.1:${double.port}/auth/v1.0/glance/${key}`;
    const object = (text: string, more = {}) => ({ bytes: Buffer.from(text), etag: md5(text), headers: {}, ...more });
    for (const number of [1, 2]) double.objects.set(`AUTH_test/glance/${key}-0000${number}`, object(`part ${number} `));
    const headers = { 'x-object-manifest': `glance/${key}-` };
    double.objects.set(`AUTH_test/glance/${key}`, object('', { headers, prefix: `AUTH_test/glance/${key}-` }));
    t.true(store.owns(at(url)));
    t.is(await store.size(at(url)), 14);
    await store.remove(at(url));
    t.is(double.objects.names('AUTH_test/glance', key).length, 0);
    t.not(double.objects.names('AUTH_test/glance').length, 0, 'the other image stays');
  } finally {
    await dispose();
  }
});

test('segments that no manifest joined are swept when their image has no bytes, and discarded with it', async (t) => {
  const { double, store, dispose } = await swiftRig();
  try {
    await store.put(randomUUID(), pieces(BYTES, 100_000), { worker: 'w1', signal: calm() });
    const [empty, uploading, discarded] = [randomUUID(), randomUUID(), randomUUID()];
    for (const key of [empty, uploading, discarded]) {
      for (const name of [`${key}-0a1b2c3d-00001`, `${key}-0a1b2c3d-00002`, `${key}-00001`]) {
        double.objects.set(`AUTH_test/glance/${name}`, { bytes: Buffer.from('x'), etag: md5('x'), headers: {} });
      }
    }
    await store.discard(discarded, 'w1');
    t.is(double.objects.names('AUTH_test/glance', discarded).length, 0);
    const report = await store.sweep?.({
      standing: async () =>
        new Map<string, ImageStanding>([
          [empty, 'empty'],
          [uploading, 'in-progress'],
        ]),
      aliveWorkers: async () => new Set(),
    });
    t.deepEqual(report, { removed: 1, unknown: 1 });
    t.is(double.objects.names('AUTH_test/glance', empty).length, 0);
    t.is(double.objects.names('AUTH_test/glance', uploading).length, 3);
  } finally {
    await dispose();
  }
});
