import { randomUUID } from 'node:crypto';
import test from 'ava';
import { DRAFT_4, DRAFT_10, detail, imageOf, type Operation, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin, member } = useV2Server({
  DEFAULT: { image_property_quota: 3, image_tag_quota: 2 },
});
const user = member();

const add = (name: string, value: unknown): Operation => ({ op: 'add', path: `/${name}`, value });
const replace = (name: string, value: unknown): Operation => ({ op: 'replace', path: `/${name}`, value });
const remove = (name: string): Operation => ({ op: 'remove', path: `/${name}` });

test('all operations apply in their order, and the answer is the image', async (t) => {
  const { id } = await user.create({ old: 'x', tags: ['a'] });
  const answer = await user.patch(id, [
    replace('name', 'n'),
    add('visibility', 'private'),
    add('new', '1'),
    replace('new', '2'),
    remove('old'),
    replace('tags', ['b', 'c']),
    add('os_hidden', true),
    replace('min_ram', 7),
    replace('disk_format', 'iso'),
    add('a~1b~0c', 'pointer'),
  ]);
  t.is(answer.status, 200, answer.text);
  const image = imageOf(answer);
  t.deepEqual(await user.show(id), image);
  t.like(image, {
    name: 'n',
    visibility: 'private',
    new: '2',
    os_hidden: true,
    min_ram: 7,
    disk_format: 'iso',
    'a/b~c': 'pointer',
  });
  t.false('old' in image);
  t.deepEqual([...image.tags].sort(), ['b', 'c']);
});

test('one wrong operation, and none applies', async (t) => {
  const image = await user.create({ keep: 'me' });
  for (const wrong of [remove('absent'), replace('status', 'active'), replace('min_ram', -1), replace('owner', 'x')]) {
    t.true((await user.patch(image.id, [replace('name', 'changed'), remove('keep'), wrong])).status >= 400);
    t.deepEqual(await user.show(image.id), image);
  }
});

test('an empty list changes nothing', async (t) => {
  const image = await user.create();
  t.deepEqual(imageOf(await user.patch(image.id, [])), image);
  t.deepEqual(imageOf(await user.patch(image.id, [], DRAFT_4)), image);
});

test('the older media type', async (t) => {
  const { id } = await user.create({ there: 'x' });
  const patch = async (...operations: Operation[]) => verdict(await user.patch(id, operations, DRAFT_4));
  t.is(await patch({ add: '/new', value: '1' }, { replace: '/there', value: 'y' }, { remove: '/new' }), '200');
  t.is(await patch({ add: '/there', value: '1' }), detail(409, 'Property there already present.'));
  t.is(await patch({ add: '/name', value: '1' }), detail(409, 'Property name already present.'));
  t.is(await patch({ replace: '/none', value: '1' }), detail(409, 'Property none does not exist.'));
  const one = (many: string) =>
    `400 Operation objects must contain ${many} member named "add", "remove", or "replace".`;
  t.is(await patch({ add: '/a', remove: '/a', value: '' }), one('only one'));
  t.is(await patch({ op: 'add', path: '/a', value: '' }), one('exactly one'));
  t.is((await user.show(id)).there, 'y');
});

test('media types: two are known, parameters are not looked at', async (t) => {
  const { id } = await user.create();
  for (const type of ['application/json', 'application/openstack-images-v2.2-json-patch', '']) {
    const answer = await user.patch(id, [], { 'content-type': type });
    t.is(answer.status, 415, type);
    t.regex(answer.headers['accept-patch'] ?? '', /v2\.0-json-patch, .*v2\.1-json-patch$/);
  }
  t.is((await user.patch(id, [], { 'content-type': `${DRAFT_10['content-type']}; charset=utf-8` })).status, 200);
});

const ONE_OF = 'It must be one of the following: add, remove, replace.';
const readOnly = (name: string) => `403 Attribute '${name}' is read-only.`;

/** Operations on a queued image with a property `foo`, and how its owner is refused them (image-api-v2 section 2.2). */
const REFUSALS: readonly (readonly [operations: unknown, answer: string])[] = [
  [{}, '400 Request body must be a JSON array of operation objects.'],
  [['x'], '400 Operations must be JSON objects.'],
  [[{ path: '/a' }], `400 Unable to find \`op\` in JSON Schema change. ${ONE_OF}`],
  [[{ op: 'test', path: '/a', value: 'x' }], `400 Invalid operation: \`test\`. ${ONE_OF}`],
  [[{ op: 'move', from: '/a', path: '/b' }], `400 Invalid operation: \`move\`. ${ONE_OF}`],
  [[{ op: 'copy', from: '/a', path: '/b' }], `400 Invalid operation: \`copy\`. ${ONE_OF}`],
  [[{ op: 'add' }], "400 Unable to find 'path' in JSON Schema change"],
  [[{ op: 'replace', path: '/a' }], '400 Operation "replace" requires a member named "value".'],
  [[{ op: 'add', path: 'a', value: 'x' }], '400 Pointer `a` does not start with "/".'],
  [[add('a//b', 'x')], '400 Pointer `/a//b` contains adjacent "/".'],
  [[add('a/', 'x')], '400 Pointer `/a/` end with "/".'],
  [[add('a~', 'x')], '400 Pointer `/a~` contains "~" not part of a recognized escape sequence.'],
  [[add('a/b', 'x')], "400 Invalid JSON pointer for this resource: '/a/b'"],
  [[add('tags/0', 'x')], "400 Invalid JSON pointer for this resource: '/tags/0'"],
  ...['created_at', 'updated_at', 'status', 'checksum', 'size', 'virtual_size', 'direct_url', 'self', 'file'].flatMap(
    (name) => [
      [[replace(name, 'x')], readOnly(name)] as const,
      [[add(name, 'x')], readOnly(name)] as const,
      [[remove(name)], readOnly(name)] as const,
    ],
  ),
  ...['schema', 'id', 'os_hash_algo', 'os_hash_value'].map((name) => [[replace(name, 'x')], readOnly(name)] as const),
  ...['location', 'deleted', 'deleted_at', 'os_glance_x'].map(
    (name) => [[add(name, 'x')], `403 Attribute '${name}' is reserved.`] as const,
  ),
  [[replace('none', 'x')], detail(409, 'Property none does not exist.')],
  [[remove('none')], detail(409, 'Property none does not exist.')],
  [[remove('stores')], detail(409, 'Property stores does not exist.')],
  [[remove('name')], detail(403, 'Property name may not be removed.')],
  [[remove('tags')], detail(403, 'Property tags may not be removed.')],
  [[replace('owner', 'x')], detail(403, "Owner can't be updated by non admin.")],
  [[replace('visibility', 'public')], '403 You are not authorized to complete publicize_image action.'],
  [[replace('min_ram', -1)], "400 Invalid value '-1' for parameter 'min_ram': Cannot be a negative value"],
  [[replace('name', 5)], "400 Provided object does not match schema 'image': 5 is not of type 'null', 'string'"],
  [[add('new', 5)], "400 Provided object does not match schema 'image': 5 is not of type 'string'"],
  [[replace('locations', [])], detail(403, 'Cannot set locations to empty list.')],
  [
    [add('locations/-', { url: 'http://127.0.0.1/x', metadata: {} })],
    "403 It's not allowed to add locations if locations are invisible.",
  ],
  [
    [add('a', '1'), add('b', '2'), add('c', '3')],
    '413 The limit has been exceeded on the number of allowed image properties. Attempted: 4, Maximum: 3',
  ],
  [
    [replace('tags', ['a', 'b', 'c'])],
    '413 The limit has been exceeded on the number of allowed image tags. Attempted: 3, Maximum: 2',
  ],
];
for (const [operations, answer] of REFUSALS) {
  test(`${JSON.stringify(operations)} is refused`, async (t) => {
    const image = await user.create({ foo: 'bar' });
    t.is(verdict(await user.patch(image.id, operations)), answer);
    t.deepEqual(await user.show(image.id), image);
  });
}

test('formats are fixed once there is data', async (t) => {
  const { id } = await user.create({}, 'data');
  for (const name of ['disk_format', 'container_format']) {
    const refused = `403 Attribute ${name} can be only replaced for a queued image.`;
    t.is(verdict(await user.patch(id, [replace(name, 'ami')])), refused);
  }
});

test('whom the image belongs to, an administrator decides', async (t) => {
  const { id } = await user.create();
  const answer = await admin.patch(id, [replace('owner', 'someone')]);
  t.is(imageOf(answer).owner, 'someone');
  t.is(verdict(await user.patch(id, [])), `404 No image found with ID ${id}`);
});

test('even what stays public is said by those alone who may say it', async (t) => {
  const owner = `p-${randomUUID()}`;
  const { id } = await admin.create({ visibility: 'public', owner });
  const refused = '403 You are not authorized to complete publicize_image action.';
  t.is(verdict(await member(owner).patch(id, [replace('visibility', 'public')])), refused);
  t.is(verdict(await member(owner).patch(id, [replace('name', 'mine')])), '200');
});

test('an image that is not there, not seen, and not one’s own', async (t) => {
  const absent = randomUUID();
  const mine = await user.create();
  const shown = await user.create({ visibility: 'community' });
  const change = [replace('name', 'x')];
  t.is(verdict(await user.patch(absent, change)), `404 No image found with ID ${absent}`);
  t.is(verdict(await user.patch(absent, [replace('status', 'x')])), readOnly('status'));
  t.is(verdict(await member().patch(mine.id, change)), `404 No image found with ID ${mine.id}`);
  t.is(verdict(await member().patch(shown.id, change)), '403 You are not authorized to complete modify_image action.');
});

test('what is asked first of someone without rights', async (t) => {
  const { id } = await user.create({ visibility: 'community' });
  const other = member();
  const refused = (rule: string) => `403 You are not authorized to complete ${rule} action.`;
  t.is(verdict(await other.patch(id, [replace('visibility', 'public')])), refused('publicize_image'));
  t.is(verdict(await other.patch(id, [replace('visibility', 'community')])), refused('communitize_image'));
  t.is(verdict(await other.patch(id, [replace('visibility', 'private')])), refused('modify_image'));
  t.is(verdict(await other.patch(id, [remove('locations/0')])), refused('delete_image_location'));
  t.is(
    verdict(await other.patch(id, [replace('name', 'x'), replace('visibility', 'public')])),
    refused('modify_image'),
  );
  t.is(verdict(await user.patch(id, [remove('absent'), replace('visibility', 'public')])).slice(0, 3), '409');
  t.is(verdict(await user.patch(id, [replace('visibility', 'public'), remove('absent')])), refused('publicize_image'));
  t.is(verdict(await other.patch(id, [])), '200', 'no operation takes no right but that to look');
});

test('changes side by side all come to be', async (t) => {
  const { id } = await admin.create();
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => admin.patch(id, [add(name, name)])));
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  t.like(await admin.show(id), { a: 'a', b: 'b', c: 'c' });
});
