import { randomUUID } from 'node:crypto';
import test from 'ava';
import { detail, imageOf, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const server = useV2Server({
  DEFAULT: { image_property_quota: 3, image_tag_quota: 2 },
});
const { admin, member } = server;
const project = `p-${randomUUID()}`;
const user = member(project);

const post = (json: unknown, client = user) => client.send('POST', '/v2/images', { json });

test('an image of nothing but defaults', async (t) => {
  const answer = await post({});
  t.is(answer.status, 201);
  t.is(answer.headers['content-type'], 'application/json');
  const image = imageOf(answer);
  t.regex(image.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.is(answer.headers.location, `http://127.0.0.1:${server.running.port}/v2/images/${image.id}`);
  // No method of import works, no second store is there: neither is announced.
  t.is(answer.headers['openstack-image-import-methods'], undefined);
  t.is(answer.headers['openstack-image-store-ids'], undefined);
  t.regex(image.updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.deepEqual(image, {
    name: null,
    disk_format: null,
    container_format: null,
    visibility: 'shared',
    size: null,
    virtual_size: null,
    status: 'queued',
    checksum: null,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: project,
    os_hidden: false,
    os_hash_algo: null,
    os_hash_value: null,
    id: image.id,
    created_at: image.updated_at,
    updated_at: image.updated_at,
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: '/v2/schemas/image',
  });
});

test('everything that a client may say is kept', async (t) => {
  const sent = {
    id: randomUUID(),
    name: 'näme',
    disk_format: 'qcow2',
    container_format: 'ovf',
    visibility: 'private',
    protected: true,
    os_hidden: true,
    min_ram: 2147483647,
    min_disk: 1,
    owner: project,
    tags: ['b', 'a'],
    hw_x: '',
    'trait:é': 'v',
  };
  const image = await user.create(sent);
  for (const [name, value] of Object.entries(sent)) {
    const found = image[name];
    t.deepEqual(
      Array.isArray(found) ? [...found].sort() : found,
      Array.isArray(value) ? [...value].sort() : value,
      name,
    );
  }
  const shown = await user.show(image.id);
  t.deepEqual({ ...shown, tags: [...shown.tags].sort() }, { ...image, tags: [...image.tags].sort() });
  await user.patch(image.id, [{ op: 'replace', path: '/protected', value: false }]);
});

test('tags that are given twice are one', async (t) => {
  t.deepEqual((await user.create({ tags: ['a', 'a'] })).tags, ['a']);
});

const schema = (reason: string) => `400 Provided object does not match schema 'image': ${reason}`;
const readOnly = (name: string) => `403 Attribute '${name}' is read-only.`;
const reserved = (name: string) => detail(403, `Attribute '${name}' is reserved.`);

/** Bodies and how a project's member is refused them (image-api-v2 section 2.2). */
const REFUSALS: readonly (readonly [body: Readonly<Record<string, unknown>>, answer: string])[] = [
  ...['direct_url', 'self', 'file', 'schema', 'stores'].map((name) => [{ [name]: 'x' }, readOnly(name)] as const),
  ...['created_at', 'updated_at', 'status', 'checksum'].map(
    (name) => [{ [name]: name === 'status' ? 'active' : 'x' }, readOnly(name)] as const,
  ),
  [{ size: 5 }, readOnly('size')],
  [{ size: null }, readOnly('size')],
  [{ virtual_size: null }, readOnly('virtual_size')],
  [{ checksum: null }, readOnly('checksum')],
  ...['location', 'deleted', 'deleted_at', 'os_glance_x', 'os_glanceish'].map(
    (name) => [{ [name]: 'x' }, reserved(name)] as const,
  ),
  [{ locations: [] }, "403 Attribute 'locations' is reserved."],
  [{ ['k'.repeat(256)]: 'v' }, '400 Custom property should not be greater than 255 characters.'],
  [{ name: 5 }, schema("5 is not of type 'null', 'string'")],
  [{ name: 'x'.repeat(256) }, schema(`'${'x'.repeat(256)}' is too long`)],
  [{ hw: 5 }, schema("5 is not of type 'string'")],
  [{ hw: null }, schema("None is not of type 'string'")],
  [{ protected: 'true' }, schema("'true' is not of type 'boolean'")],
  [{ visibility: 'secret' }, schema("'secret' is not one of ['community', 'public', 'private', 'shared']")],
  [{ tags: 'x' }, schema("'x' is not of type 'array'")],
  [{ tags: ['x'.repeat(256)] }, schema(`'${'x'.repeat(256)}' is too long`)],
  [{ min_ram: '1' }, schema("'1' is not of type 'integer'")],
  [{ min_ram: -1 }, "400 Invalid value '-1' for parameter 'min_ram': Cannot be a negative value"],
  [{ min_disk: -5 }, "400 Invalid value '-5' for parameter 'min_disk': Cannot be a negative value"],
  [{ min_ram: 2147483648 }, "400 'min_ram' value out of range, must not exceed 2147483647."],
  [{ name: '😀' }, "400 Name can't contain 4 byte unicode characters."],
  [{ '😀': 'x' }, "400 Property names can't contain 4 byte unicode."],
  [{ owner: 'other' }, detail(403, "You are not permitted to create images owned by 'other'")],
  [{ owner: null }, detail(403, "You are not permitted to create images owned by 'None'")],
  [{ owner: '' }, detail(403, "You are not permitted to create images owned by ''")],
  [{ visibility: 'public' }, '403 You are not authorized to complete publicize_image action.'],
  [
    { a: '1', b: '2', c: '3', d: '4' },
    '413 The limit has been exceeded on the number of allowed image properties. Attempted: 4, Maximum: 3',
  ],
  [
    { tags: ['a', 'b', 'c'] },
    '413 The limit has been exceeded on the number of allowed image tags. Attempted: 3, Maximum: 2',
  ],
];
for (const [body, answer] of REFUSALS) {
  test(`${JSON.stringify(body).slice(0, 60)} is refused`, async (t) => {
    const owner = `p-${randomUUID()}`;
    t.is(verdict(await post(body, member(owner))), answer);
    t.deepEqual((await admin.list(`?owner=${owner}`)).images, []);
  });
}

test('an id is given once and for all', async (t) => {
  const { id } = await user.create();
  const taken = `409 Image ID ${id} already exists!`;
  t.is(verdict(await post({ id })), taken);
  t.is(verdict(await post({ id }, member())), taken);
  await user.expect(204, 'DELETE', `/v2/images/${id}`);
  t.is(verdict(await post({ id })), taken);
  t.is(verdict(await post({ id }, admin)), taken);
});

test('an administrator makes images for others, for nobody, and for all', async (t) => {
  t.is((await admin.create({ owner: 'other' })).owner, 'other');
  t.is((await admin.create({ owner: null })).owner, null);
  t.is((await admin.create({ owner: '' })).owner, null);
  t.is((await admin.create({ visibility: 'public' })).visibility, 'public');
  t.is((await user.create({ visibility: 'community' })).visibility, 'community');
});

test('a wrong body is told before a missing right', async (t) => {
  const stranger = admin.as('u:none:nothing');
  t.is(verdict(await post({ status: 'active' }, stranger)), readOnly('status'));
  t.is(verdict(await post({}, stranger)), '403 You are not authorized to complete add_image action.');
});
