import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { Actor } from '../../src/domain/actor.js';
import { isRegistryError } from '../../src/domain/errors.js';
import { anUpload, ROOT, services } from '../support/v1-services.js';

const OWNER: Actor = { user: 'u', tenant: 'tenant', owner: 'tenant', roles: [], isAdmin: false, readOnly: false };

test('a delete holds although the status has moved since the image was read', async (t) => {
  const { service, image, images, now } = services();
  const read = await image();
  await images.change(read.id, { status: 'saving' }, {});
  await service.delete(ROOT, read);
  t.is((await now(read)).status, 'deleted');
});

test('a delete takes the bytes of the image as it is now', async (t) => {
  const { service, image, uploads, locations } = services();
  const read = await image();
  const active = await uploads.upload(read, anUpload(['data']));
  await service.delete(ROOT, read);
  const [location] = active.locations;
  if (location === undefined) return t.fail();
  t.true(isRegistryError(await t.throwsAsync(locations.size(location)), 'not-found'));
});

test('an image that was protected meanwhile is not deleted', async (t) => {
  const { service, image, images, now } = services();
  const read = await image();
  await images.change(read.id, { status: 'saving', protected: true }, {});
  t.true(isRegistryError(await t.throwsAsync(service.delete(ROOT, read)), 'forbidden'));
  t.is((await now(read)).status, 'saving');
});

test('of two deletes one is told that there is nothing left', async (t) => {
  const { service, image } = services();
  const read = await image();
  await service.delete(ROOT, read);
  t.true(isRegistryError(await t.throwsAsync(service.delete(ROOT, read)), 'not-found'));
});

test('an update of an image whose status has moved is a conflict', async (t) => {
  const { service, image, images } = services();
  const read = await image();
  await images.change(read.id, { status: 'saving' }, {});
  t.true(isRegistryError(await t.throwsAsync(service.update(ROOT, read, { name: 'x' })), 'conflict'));
});

test('a new image belongs to who made it, unless an admin says otherwise', async (t) => {
  const { service } = services();
  const owner = async (actor: Actor) => (await service.register(actor, { status: 'queued', owner: 'other' })).owner;
  t.is(await owner(OWNER), 'tenant');
  t.is(await owner(ROOT), 'other');
  t.is((await service.register(ROOT, { status: 'queued' })).owner, null);
});

/** Drafts that are refused. */
const DRAFTS: readonly [title: string, draft: object, kind: string][] = [
  ['an id that is none', { id: 'x' }, 'invalid'],
  ['a minimum disk beyond 32 bits', { minDisk: 2 ** 31 }, 'invalid'],
  ['a minimum memory beyond 32 bits', { minRam: 2 ** 31 }, 'invalid'],
  ['a size that is not exact', { size: 2 ** 53 }, 'invalid'],
  ['a virtual size that is not exact', { virtualSize: 2 ** 53 }, 'invalid'],
  ['too many properties', { properties: new Map(['a', 'b', 'c', 'd'].map((name) => [name, 'v'])) }, 'quota'],
];
for (const [title, draft, kind] of DRAFTS) {
  test(`${title} is refused: ${kind}`, async (t) => {
    const { service } = services();
    const error = await t.throwsAsync(service.register(OWNER, { status: 'queued', ...draft }));
    t.true(error && isRegistryError(error) && error.kind === kind, String(error));
  });
}

test('an id is taken for ever', async (t) => {
  const { service } = services();
  const id = randomUUID();
  const image = await service.register(OWNER, { status: 'queued', id });
  await service.delete(OWNER, image);
  const again = service.register(OWNER, { status: 'queued', id });
  t.true(isRegistryError(await t.throwsAsync(again), 'duplicate'));
});
