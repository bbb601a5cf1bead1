import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import type { Location } from '../../src/domain/location.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { READER, services } from '../support/v1-services.js';

const calm = (): AbortSignal => new AbortController().signal;
const at = (url: string, status: Location['status'] = 'active', store?: string): Location => ({
  url,
  metadata: store === undefined ? {} : { store },
  status,
});

async function* bytes(text: string) {
  yield Buffer.from(text);
}

/** Two stores that hold the same image, each with bytes of its own, and the image's locations in both. */
async function twice() {
  // One place for both, so that what is there does not tell whose a location is.
  const stores = ['one', 'two'].map((id) => ({ ...createMemoryStore(id), owns: () => true }));
  const all = services(stores);
  const image = await all.image({ status: 'active' });
  const locations: Location[] = [];
  for (const store of all.pool.stores) {
    const { url } = await store.put(image.id, bytes(store.id), { worker: 'self', signal: calm() });
    locations.push(at(url, 'active', store.id));
  }
  return { ...all, image: { ...image, locations } };
}

type Twice = Awaited<ReturnType<typeof twice>>;

async function read({ locations, image }: Twice, places: readonly Location[] = image.locations): Promise<string> {
  const opened = await locations.open({ ...image, locations: places }, undefined, { signal: calm(), reader: READER });
  const parts: Uint8Array[] = [];
  for await (const part of opened.bytes) parts.push(Uint8Array.from(part));
  await opened.close();
  return Buffer.concat(parts).toString();
}

test('the first location is read', async (t) => {
  t.is(await read(await twice()), 'one');
});

test('a location that fails makes room for the next, and is told in the log', async (t) => {
  const all = await twice();
  const [first, second] = all.pool.stores;
  await first?.remove(at(`memory://${all.image.id}`));
  t.is(await read(all), 'two');
  t.is(all.lines.length, 1);
  await second?.remove(at(`memory://${all.image.id}`));
  t.true(isRegistryError(await t.throwsAsync(read(all)), 'not-found'));
});

test('a location that waits for its end is passed over, and none is not found', async (t) => {
  const all = await twice();
  const [first, second] = all.image.locations;
  if (first === undefined || second === undefined) return t.fail();
  t.is(await read(all, [{ ...first, status: 'pending_delete' }, second]), 'two');
  t.true(isRegistryError(await t.throwsAsync(read(all, [{ ...first, status: 'pending_delete' }])), 'not-found'));
  t.true(isRegistryError(await t.throwsAsync(read(all, [])), 'not-found'));
});

test('a location of no store is a failure like any other', async (t) => {
  const all = await twice();
  t.is(await read(all, [at('none://x'), ...all.image.locations]), 'one');
  t.true(isRegistryError(await t.throwsAsync(read(all, [at('none://x')])), 'invalid'));
});

test('a range that does not fit is not looked for elsewhere', async (t) => {
  const { locations, image, lines } = await twice();
  const open = locations.open(image, { start: 99, end: 100 }, { signal: calm(), reader: READER });
  t.true(isRegistryError(await t.throwsAsync(open), 'range'));
  t.deepEqual(lines, []);
});

test('bytes that another location of the image names as well stay', async (t) => {
  const { locations, image, images, pool, now } = await twice();
  const [first] = image.locations;
  if (first === undefined) return t.fail();
  const both = [first, { ...first, metadata: { store: 'one', note: 'the same' } }];
  const changed = await images.change(image.id, { locations: both }, { revision: image.revision });
  await locations.drop(changed, changed.locations[0] ?? first);
  t.deepEqual((await now(image)).locations, both.slice(1));
  t.is(await pool.forLocation(first).size(first), 3);
});

test('removing takes all locations, whatever fails on the way', async (t) => {
  const { locations, image, pool } = await twice();
  const places = [at('none://x'), at('memory://missing'), ...image.locations];
  await locations.removeAll({ ...image, locations: places });
  for (const store of pool.stores) {
    t.true(isRegistryError(await t.throwsAsync(store.size(at(`memory://${image.id}`))), 'not-found'));
  }
});
