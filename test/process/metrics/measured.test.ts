import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { Metrics } from '../../../src/domain/ports/metrics.js';
import { measuredRegistry, measuredStores } from '../../../src/process/metrics/measured.js';
import { createMemoryRegistry } from '../../../src/registry/memory/index.js';
import { createMemoryStore } from '../../../stores/memory/memory-store.js';
import { storeSuite } from '../../suites/store.js';
import { anImage, steadyClock } from '../../support/image-factory.js';

/** Metrics that write down what begins and what ends. */
function noted(notes: string[]): Metrics {
  const begin = (call: string) => {
    notes.push(`begin ${call}`);
    return () => {
      notes.push(`end ${call}`);
    };
  };
  return { request: () => {}, storeCall: (store, operation) => begin(`${store} ${operation}`), databaseCall: begin };
}

storeSuite('memory, measured', async () => {
  const [store] = measuredStores([createMemoryStore()], noted([]));
  if (store === undefined) throw new Error('no store');
  return { store, partBytes: 1000, leftovers: async () => [], dispose: () => store.close() };
});

test('calls of a store are clocked until they settle, failures too', async (t) => {
  const notes: string[] = [];
  const [store] = measuredStores([createMemoryStore('m')], noted(notes));
  t.is(store?.id, 'm');
  t.false(store?.owns({ url: 'memory://none', metadata: {}, status: 'active' }), 'asked without a clock');
  t.deepEqual(notes, []);
  const missing = store?.size({ url: `memory://${randomUUID()}`, metadata: {}, status: 'active' });
  t.deepEqual(notes, ['begin m size']);
  await t.throwsAsync(missing ?? Promise.resolve(), { name: 'RegistryError' });
  t.deepEqual(notes, ['begin m size', 'end m size']);
});

test('calls of the registry are clocked under the name of their port', async (t) => {
  const notes: string[] = [];
  const registry = measuredRegistry(createMemoryRegistry(steadyClock()), noted(notes));
  const image = anImage();
  await registry.images.add(image);
  t.is((await registry.images.get(image.id, { kind: 'admin', seesDeleted: true })).id, image.id);
  await t.throwsAsync(registry.members.get(image.id, 'nobody'), { name: 'RegistryError' });
  t.deepEqual(
    notes,
    ['images.add', 'images.get', 'members.get'].flatMap((call) => [`begin ${call}`, `end ${call}`]),
  );
});

test('without metrics the very same objects are used', (t) => {
  const stores = [createMemoryStore()];
  const registry = createMemoryRegistry(steadyClock());
  t.is(measuredStores(stores, undefined), stores);
  t.is(measuredRegistry(registry, undefined), registry);
});
