import { createHash } from 'node:crypto';
import test from 'ava';
import { isRegistryError, SourceChanged } from '../../src/domain/errors.js';
import type { Image } from '../../src/domain/image.js';
import { type Location, UNKNOWN_SOURCE } from '../../src/domain/location.js';
import type { Opened, Store } from '../../src/domain/ports/store.js';
import { createMemoryStore } from '../../stores/memory/memory-store.js';
import { calm, chunks } from '../suites/store-rig.js';
import { anUpload, READER, services } from '../support/v1-services.js';

const DATA = Buffer.from('data');
const hash = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');
const claim = (bytes: Buffer) => ({ algorithm: 'md5', value: hash('md5', bytes) });
const external = (url: string): Location => ({ url, metadata: {}, status: 'active', external: UNKNOWN_SOURCE });

/** What a source says whose bytes are DATA. */
const open = async (): Promise<Opened> => ({ bytes: chunks(DATA), size: 4, etag: '"tag"', close: async () => {} });

/** A memory store that is never swept, and whose objects are read only when `release` is called, or never. */
function heldStore() {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { sweep: _, ...own } = createMemoryStore();
  let reads = 0;
  const store: Store = {
    ...own,
    async open(location, range, signal) {
      reads += 1;
      await Promise.race([
        released,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
      return own.open(location, range, signal);
    },
  };
  return { store, release, reads: () => reads };
}

type Rig = ReturnType<typeof services>;

/** A queued image whose bytes somebody has put into the store, and their URL. */
async function placed(rig: Rig, owner = 'tenant') {
  const image = await rig.image({ size: null, owner });
  const { url } = await rig.pool.forWriting().put(image.id, chunks(DATA), { worker: 'nova', signal: calm() });
  return { image, url };
}

/** Resolves when the tasks of the image so far are over. */
const over = ({ hashes }: Rig, image: Image) =>
  new Promise<void>((resolve) => hashes.start(image, async () => resolve()));

test('a process that dies while it checks a location leaves the bytes there alone', async (t) => {
  const { store } = heldStore();
  const rig = services([store]);
  const { image, url } = await placed(rig);
  await rig.locationImport.add(image, url, claim(DATA), null);
  t.is((await rig.now(image)).status, 'importing');
  rig.gone.add('self');
  rig.watch.start();
  await rig.watch.stop();
  t.is((await rig.now(image)).status, 'queued');
  t.deepEqual(await rig.leases.all(), []);
  t.is(await store.size(external(url)), 4, "they are somebody else's");
  await rig.hashes.close();
});

for (const [outcome, bytes] of [
  ['right', DATA],
  ['wrong', Buffer.from('other')],
] as const) {
  test(`who has lost the lease changes nothing any more, though the claim is ${outcome}`, async (t) => {
    const { store, release } = heldStore();
    const rig = services([store]);
    const { image, url } = await placed(rig);
    await rig.locationImport.add(image, url, claim(bytes), null);
    await rig.leases.release(image.id, 'self');
    release();
    await over(rig, image);
    t.like(await rig.now(image), { status: 'importing', locations: [] });
  });

  test(`a lease that cannot be ended is told in the log, though the claim is ${outcome}`, async (t) => {
    const { store, release } = heldStore();
    const rig = services([store]);
    const { image, url } = await placed(rig);
    await rig.locationImport.add(image, url, claim(bytes), null);
    rig.leases.release = () => Promise.reject(new Error('no database'));
    release();
    await over(rig, image);
    t.is((await rig.now(image)).status, outcome === 'right' ? 'active' : 'queued');
    t.true(rig.lines.some((line) => line.includes(image.id)));
  });
}

test('a location that comes too late takes nothing from the quota of the upload under way', async (t) => {
  const bodies: (() => void)[] = [];
  const { store } = heldStore();
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const web = { ...createMemoryStore('web'), schemes: ['web'], open, size: () => answered.then(() => 4) };
  const rig = services([store, web], { storageQuota: 10 });
  const [image, other] = [await rig.image({ size: null }), await rig.image({ size: null })];
  const late = rig.locationImport.add(image, 'web://x', undefined, null);
  const upload = rig.uploads.upload(
    image,
    anUpload([], {
      length: 10,
      async *open() {
        await new Promise<void>((resolve) => bodies.push(resolve));
        yield Buffer.alloc(10);
      },
    }),
  );
  while (bodies.length === 0) await new Promise(setImmediate);
  answer();
  t.true(isRegistryError(await t.throwsAsync(late), 'conflict'));
  const more = await t.throwsAsync(rig.uploads.upload(other, anUpload(['data'], { length: 4 })));
  t.true(isRegistryError(more, 'quota'), String(more));
  bodies[0]?.();
  t.is((await upload).status, 'active');
});

test('a further location does not keep the first from telling the hashes of the image', async (t) => {
  const { store, release } = heldStore();
  const rig = services([store]);
  const { image, url } = await placed(rig);
  await rig.locationImport.add(image, url, undefined, null);
  rig.sources.record(await rig.now(image));
  release();
  await over(rig, image);
  t.like(await rig.now(image), { checksum: hash('md5', DATA), hashValue: hash('sha512', DATA) });
});

test('nobody waits for the slow sources of others', async (t) => {
  const { store, release, reads } = heldStore();
  const rig = services([store, { ...createMemoryStore('fast'), schemes: ['fast'], size: async () => 4, open }]);
  const slow = [];
  for (let count = 0; count < 3; count += 1) {
    const { image, url } = await placed(rig, 'slow');
    await rig.locationImport.add(image, url, claim(DATA), null);
    slow.push(image);
  }
  const image = await rig.image({ size: null, owner: 'fast' });
  await rig.locationImport.add(image, 'fast://x', claim(DATA), null);
  await over(rig, image);
  t.is((await rig.now(image)).status, 'active');
  t.is(reads(), 2, 'one owner has two turns');
  release();
  for (const one of slow) await over(rig, one);
  for (const one of slow) t.is((await rig.now(one)).status, 'active');
});

for (const [what, known, stale] of [
  [
    'the image',
    { hashAlgorithm: 'sha512', hashValue: hash('sha512', DATA).toUpperCase(), checksum: 'not asked' },
    false,
  ],
  ['the image by its checksum', { hashAlgorithm: 'sha256', hashValue: 'unknown', checksum: hash('md5', DATA) }, false],
  ['something else', { hashAlgorithm: 'sha512', hashValue: hash('sha512', Buffer.from('else')) }, true],
  ['something else by its checksum', { checksum: hash('md5', Buffer.from('else')) }, true],
  ['something of another size', { size: 5 }, true],
] as const) {
  test(`a location that turns out to be ${what} is ${stale ? 'not ' : ''}read`, async (t) => {
    const rig = services([{ ...createMemoryStore('any'), schemes: ['any'], open }]);
    const image = await rig.image({ status: 'active', size: 4, locations: [external('any://x')], ...known });
    rig.sources.record(image);
    await over(rig, image);
    const now = await rig.now(image);
    const { external: source } = now.locations[0] ?? external('');
    t.like(source, { stale, etag: stale ? null : '"tag"', digest: { value: hash('sha512', DATA) } });
    const opened = rig.locations.open(now, { start: 0, end: 0 }, { signal: calm(), reader: READER });
    if (stale) t.true((await t.throwsAsync(opened)) instanceof SourceChanged);
    else await (await opened).close();
  });
}
