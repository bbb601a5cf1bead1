import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import type { ImageStatus } from '../../src/domain/image.js';
import { services } from '../support/v1-services.js';

type Abandoned = 'killed' | 'queued';

/** A lease of another worker on an image with this status, and everything around it. */
async function leased(status: ImageStatus, abandoned: Abandoned, seconds: number) {
  const all = services();
  const image = await all.image({ status });
  const expiresAt = all.clock.now() + seconds * 1e6;
  await all.leases.take({ image: image.id, worker: 'other', expiresAt, abandoned, store: 'memory' });
  return { ...all, image };
}

/** One look for abandoned uploads, as at the start of a server. */
async function look({ watch }: Pick<ReturnType<typeof services>, 'watch'>): Promise<void> {
  watch.start();
  await watch.stop();
}

for (const abandoned of ['killed', 'queued'] as const) {
  test(`an expired lease leaves its image ${abandoned}`, async (t) => {
    const all = await leased('saving', abandoned, -1);
    await look(all);
    t.is((await all.now(all.image)).status, abandoned);
    t.deepEqual(await all.leases.all(), []);
    t.true(all.lines.some((line) => line.includes(all.image.id) && line.includes(abandoned)));
  });
}

test('an image whose location was being read when its worker died waits for another', async (t) => {
  const all = await leased('importing', 'queued', -1);
  await look(all);
  t.is((await all.now(all.image)).status, 'queued');
  t.deepEqual(await all.leases.all(), []);
});

test('a lease of a worker that runs no more is as good as expired', async (t) => {
  const all = await leased('saving', 'killed', 60);
  all.gone.add('other');
  await look(all);
  t.is((await all.now(all.image)).status, 'killed');
});

test('a lease that holds is left alone, with its image', async (t) => {
  const all = await leased('saving', 'killed', 60);
  await look(all);
  t.is((await all.now(all.image)).status, 'saving');
  t.is((await all.leases.all()).length, 1);
});

test('a worker that died after its image became active has lost nothing but its lease', async (t) => {
  const all = await leased('active', 'killed', -1);
  await look(all);
  t.is((await all.now(all.image)).status, 'active');
  t.deepEqual(await all.leases.all(), []);
});

test('what an abandoned upload has stored is removed, unless it belongs to the image', async (t) => {
  for (const [status, left] of [
    ['saving', false],
    ['active', true],
  ] as const) {
    const all = await leased(status, 'killed', -1);
    const { id } = all.image;
    async function* bytes() {
      yield Buffer.from('data');
    }
    const hint = { worker: 'other', signal: new AbortController().signal };
    const { url } = await all.pool.forWriting().put(id, bytes(), hint);
    const location = { url, metadata: {}, status: 'active' as const };
    if (left) await all.images.change(id, { locations: [location] }, {});
    await look(all);
    if (left) t.is(await all.locations.size(location), 4);
    else t.true(isRegistryError(await t.throwsAsync(all.locations.size(location)), 'not-found'));
  }
});

test('one image has one upload at a time', async (t) => {
  const { watch, image, leases } = services();
  const { id } = await image();
  await watch.begin(id, 'memory', 'killed');
  t.true(isRegistryError(await t.throwsAsync(watch.begin(id, 'memory', 'killed')), 'conflict'));
  await watch.end(id);
  t.deepEqual(await leases.all(), []);
  await watch.begin(id, 'memory', 'killed');
  await watch.end(id);
});

test('an image that another worker uploads cannot be begun', async (t) => {
  const { watch, image } = await leased('saving', 'killed', 60);
  t.true(isRegistryError(await t.throwsAsync(watch.begin(image.id, 'memory', 'killed')), 'conflict'));
});
