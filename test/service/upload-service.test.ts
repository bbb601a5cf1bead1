import { createHash } from 'node:crypto';
import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { anUpload, services } from '../support/v1-services.js';

const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

test('an upload makes its image active, with size, digests and location', async (t) => {
  const { uploads, image, now, pool } = services();
  const queued = await image();
  const active = await uploads.upload(queued, anUpload(['da', 'ta']));
  t.like(active, {
    status: 'active',
    size: 4,
    checksum: digest('md5', 'data'),
    hashAlgorithm: 'sha512',
    hashValue: digest('sha512', 'data'),
  });
  t.deepEqual(await now(queued), active);
  const [location] = active.locations;
  t.is(location && (await pool.forLocation(location).size(location)), 4);
  t.is(location?.metadata.store, 'memory');
});

/** Failures on the way, and the kind of error that each is told by. */
const FAILURES: readonly [title: string, upload: Parameters<typeof anUpload>, kind: string][] = [
  ['beyond the cap', [['x'.repeat(1001)]], 'too-large'],
  ['another size', [['data'], { expected: { size: 5, checksum: undefined } }], 'invalid'],
  ['another checksum', [['data'], { expected: { size: undefined, checksum: 'c' } }], 'invalid'],
];
for (const [title, [chunks, more], kind] of FAILURES) {
  for (const failed of ['killed', 'queued'] as const) {
    test(`${title}: ${kind}, and the image is ${failed} without a trace`, async (t) => {
      const { uploads, image, now, pool, leases } = services();
      const queued = await image();
      const error = await t.throwsAsync(uploads.upload(queued, anUpload(chunks, { ...more, failed })));
      t.true(error && isRegistryError(error) && error.kind === kind, String(error));
      t.like(await now(queued), { status: failed, locations: [] });
      t.deepEqual(await leases.all(), []);
      const store = pool.forWriting();
      const at = { url: `memory://${queued.id}`, metadata: {}, status: 'active' as const };
      t.true(isRegistryError(await t.throwsAsync(store.size(at)), 'not-found'));
    });
  }
}

test('an upload that fails to v2 leaves an image that can be uploaded again', async (t) => {
  const { uploads, image, now } = services();
  const queued = await image();
  await t.throwsAsync(uploads.upload(queued, anUpload(['x'.repeat(1001)], { failed: 'queued' })));
  const active = await uploads.upload(await now(queued), anUpload(['data']));
  t.is(active.status, 'active');
});

test('the body of an upload that may not start is not opened', async (t) => {
  const { uploads, image } = services();
  const active = await image({ status: 'active' });
  const upload = anUpload(['data'], {
    open() {
      throw new Error('opened');
    },
  });
  t.true(isRegistryError(await t.throwsAsync(uploads.upload(active, upload)), 'conflict'));
  t.true(isRegistryError(await t.throwsAsync(uploads.upload(active, { ...upload, store: 'none' })), 'invalid'));
});

test('a body that is too large for the quota by its own account is not opened', async (t) => {
  const { uploads, image, now } = services(undefined, { storageQuota: 10 });
  const queued = await image();
  const upload = anUpload(['x'.repeat(11)], {
    length: 11,
    open() {
      throw new Error('opened');
    },
  });
  t.true(isRegistryError(await t.throwsAsync(uploads.upload(queued, upload)), 'quota'));
  t.is((await now(queued)).status, 'killed');
});

test('an image that is deleted while its bytes come stays deleted, and keeps no bytes', async (t) => {
  const { uploads, image, images, now, pool } = services();
  const queued = await image();
  const upload = anUpload([], {
    async *open() {
      yield Buffer.from('data');
      await images.delete(queued.id, 'deleted', { status: ['saving'] });
    },
  });
  t.true(isRegistryError(await t.throwsAsync(uploads.upload(queued, upload)), 'gone'));
  t.is((await now(queued)).status, 'deleted');
  const at = { url: `memory://${queued.id}`, metadata: {}, status: 'active' as const };
  t.true(isRegistryError(await t.throwsAsync(pool.forWriting().size(at)), 'not-found'));
});

test('a body that breaks off fails the upload with its own error', async (t) => {
  const { uploads, image, now } = services();
  const queued = await image();
  const upload = anUpload([], {
    async *open() {
      yield Buffer.from('da');
      throw new Error('broken off');
    },
  });
  await t.throwsAsync(uploads.upload(queued, upload), { message: 'broken off' });
  t.is((await now(queued)).status, 'killed');
});

test('an abort ends the upload, even one that is waiting for bytes', async (t) => {
  const { uploads, image, now } = services();
  const queued = await image();
  const abort = new AbortController();
  const upload = anUpload([], {
    signal: abort.signal,
    async *open() {
      yield Buffer.from('da');
      abort.abort(new Error('left'));
      await new Promise(() => {});
    },
  });
  await t.throwsAsync(uploads.upload(queued, upload), { message: 'left' });
  t.is((await now(queued)).status, 'killed');
});
