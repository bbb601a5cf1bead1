import { createHash } from 'node:crypto';
import test from 'ava';
import { type FakeSource, sourceBytes, startFakeSource } from '../../support/fake-source.js';
import { detail, FORMATS, imageOf, type Operation, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

let source: FakeSource;
const server = useV2Server(
  {
    DEFAULT: { show_multiple_locations: true, show_image_direct_url: true, image_location_quota: 3 },
    import_filtering_opts: { allowed_hosts: '[127.0.0.1]', allowed_ports: '[]' },
  },
  {
    async prepare() {
      source = await startFakeSource();
    },
  },
);
test.after.always('the source closes', () => source?.close());
const { admin, member } = server;

const SIZE = 500;
interface Body {
  readonly url: string;
  readonly metadata: object;
  readonly validation_data?: object;
}
const at = (path: string, metadata: object = {}): Body => ({ url: `${source.url}${path}`, metadata });
const place = (more = '') => at(`/bytes/${SIZE}${more}`);
const add = (value: unknown, index: string | number = '-'): Operation => ({
  op: 'add',
  path: `/locations/${index}`,
  value,
});
const replace = (value: unknown): Operation => ({ op: 'replace', path: '/locations', value });
const remove = (index: string | number): Operation => ({ op: 'remove', path: `/locations/${index}` });

test('an image begins with the first of its locations', async (t) => {
  const user = member();
  const { id, locations } = await user.create(FORMATS);
  t.deepEqual(locations, []);
  const image = imageOf(await user.patch(id, [add(at(`/bytes/${SIZE}`, { a: 1 }))]));
  t.like(image, { status: 'active', size: SIZE, checksum: null, direct_url: `${source.url}/bytes/${SIZE}` });
  t.deepEqual(image.locations, [at(`/bytes/${SIZE}`, { a: 1 })]);
  t.deepEqual((await user.get(`/v2/images/${id}/file`)).body, sourceBytes(SIZE));
});

test('locations have an order, and go when an administrator says so', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  const urls = async () => imageOf(await user.get(`/v2/images/${id}`)).locations;
  await user.patch(id, [replace([place('/1'), place('/2')])]);
  await user.patch(id, [add(place('/0'), 0)]);
  t.deepEqual(await urls(), [place('/0'), place('/1'), place('/2')]);
  t.is(
    verdict(await user.patch(id, [remove(1)])),
    '403 You are not authorized to complete delete_image_location action.',
  );
  t.is((await admin.patch(id, [remove(1)])).status, 200);
  t.deepEqual(await urls(), [place('/0'), place('/2')]);
  t.is(verdict(await admin.patch(id, [remove(2)])), '400 Invalid position for removing a location.');
  t.is((await admin.patch(id, [remove(0)])).status, 200);
  t.is(verdict(await admin.patch(id, [remove(0)])), detail(403, 'Cannot remove last location in the image.'));
  t.deepEqual(await urls(), [place('/2')]);
});

test('data goes with its location', async (t) => {
  const { id } = await admin.create({}, sourceBytes(SIZE));
  t.true(server.running.storedFiles().includes(id));
  t.is((await admin.patch(id, [add(place()), remove(0)])).status, 200);
  t.false(server.running.storedFiles().includes(id));
});

test('credentials of a location are used and never shown', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  const secret = place('/secret').url.replace('http://', 'http://me:password@');
  const image = imageOf(await user.patch(id, [add({ url: secret, metadata: {} })]));
  t.deepEqual([image.direct_url, image.locations], [place('/secret').url, [place('/secret')]]);
  t.is((await user.patch(id, [replace(image.locations)])).status, 200, 'a client sends back what it was shown');
  t.true((await user.get(`/v2/images/${id}/file`)).body.equals(sourceBytes(SIZE)));
  t.false((await admin.get(`/v2/images/${id}/locations`)).text.includes('password'));
});

test('a location of another size is none of the image', async (t) => {
  const { id } = await admin.create({}, 'data');
  t.is(verdict(await admin.patch(id, [add(place())])), `409 The location has ${SIZE} bytes, the image 4`);
});

test('all locations are replaced by the same ones only', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  await user.patch(id, [replace([place('/1'), place('/2')])]);
  const other = '400 Original locations is not empty';
  t.is(verdict(await user.patch(id, [replace([place('/3')])])), other);
  t.is(verdict(await user.patch(id, [replace([place('/1')])])), other);
  t.is(verdict(await user.patch(id, [replace([])])), detail(403, 'Cannot set locations to empty list.'));
  const renewed = [{ ...place('/2'), metadata: { b: 2 } }, place('/1')];
  t.deepEqual(imageOf(await user.patch(id, [replace(renewed)])).locations, renewed);
  const twice = [...renewed, { ...place('/1'), metadata: { again: true } }];
  t.is(verdict(await user.patch(id, [replace(twice)])), other, 'one record for the bytes of a place');
});

test('locations are known by what is shown of them', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  const secret = place().url.replace('://', '://user:secret@');
  const { locations } = imageOf(await user.patch(id, [add({ url: secret, metadata: {} })]));
  t.deepEqual(locations, [place()]);
  const described = { ...place(), metadata: { a: 1 } };
  t.deepEqual(imageOf(await user.patch(id, [replace([described])])).locations, [described]);
  t.deepEqual((await user.get(`/v2/images/${id}/file`)).body, sourceBytes(SIZE), 'and keep what they hide');
});

const INVALID = '400 Invalid location';

test('what cannot be a location', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  for (const url of [
    'file:///etc/passwd',
    'filesystem:///etc/passwd',
    'swift+config://r/c/o',
    'ftp://127.0.0.1/x',
    'http:relative',
    'nonsense',
    '',
    `${source.url}/bytes/${SIZE}#\u0000`,
    `${source.url}/bytes/${SIZE}#\r\nX: y`,
    `${source.url}/bytes/${SIZE}#\ud800`,
  ]) {
    t.is(verdict(await user.patch(id, [add({ url, metadata: {} })])), INVALID, url);
  }
  t.is((await user.show(id)).status, 'queued');
});

test('what is not there, or empty, is no location', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  for (const path of ['/status/404', '/status/500', '/bytes/0', '/loop/5']) {
    t.is(verdict(await user.patch(id, [add(at(path))])), INVALID, path);
  }
  t.is(verdict(await user.patch(id, [add({ url: 'http://127.0.0.1:1/x', metadata: {} })])), INVALID);
  t.is((await user.show(id)).status, 'queued');
});

test('one too many, one twice, one nowhere', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  for (const index of [1, 'x', '-1', '01x']) {
    t.is(
      verdict(await user.patch(id, [add(place(), index)])),
      '400 Invalid position for adding a location.',
      String(index),
    );
  }
  const twice = `400 The location ${place().url} already exists`;
  t.is(verdict(await user.patch(id, [add(place()), add(place())])), twice);
  t.is((await user.show(id)).status, 'queued');
  t.is((await user.patch(id, [add(place('/1')), add(place('/2')), add(place('/3'))])).status, 200);
  t.is(
    verdict(await user.patch(id, [add(place('/4'))])),
    '413 The limit has been exceeded on the number of allowed image locations. Attempted: 4, Maximum: 3',
  );
});

test('without formats there is no data, wherever it lies; they may come along', async (t) => {
  const user = member();
  const { id } = await user.create();
  t.is(
    verdict(await user.patch(id, [add(place())])),
    '400 Properties disk_format, container_format must be set prior to saving data.',
  );
  const formats = Object.entries(FORMATS).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value }));
  t.like(imageOf(await user.patch(id, [...formats, add(place())])), { ...FORMATS, status: 'active' });
});

const SHA512 = createHash('sha512').update('x').digest('hex');
const MD5 = createHash('md5').update('x').digest('hex');
const good = { os_hash_algo: 'sha512', os_hash_value: SHA512 };
const vouched = (validation_data: object, more = '') => add({ ...place(more), validation_data });

test('a client may vouch for the data of a location', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  const image = imageOf(await user.patch(id, [vouched({ ...good, checksum: MD5 })]));
  t.like(image, { checksum: MD5, os_hash_algo: 'sha512', os_hash_value: SHA512 });
  t.deepEqual(image.locations, [place()]);
  t.is((await user.patch(id, [vouched(good, '/same')])).status, 200);
  t.is(
    verdict(await user.patch(id, [vouched({ ...good, os_hash_value: SHA512.replace(/^./, 'x') }, '/other')])),
    '409 os_hash_value is already set with a different value',
  );
});

/** What a client says of data, and how it is refused. */
const VOUCHED: readonly (readonly [data: object, answer: string])[] = [
  [{ ...good, os_hash_value: 'zz' }, '409 os_hash_value (zz) is not a valid hexadecimal value'],
  [{ ...good, os_hash_value: 'abc' }, '409 os_hash_value (abc) is not a valid hexadecimal value'],
  [{ ...good, os_hash_value: 'ab' }, '409 os_hash_value (ab) is not the correct size for sha512 (should be 64 bytes)'],
  [{ os_hash_algo: 'md5', os_hash_value: MD5 }, '409 os_hash_algo must be sha512, not md5'],
  [{ ...good, checksum: 'x'.repeat(32) }, `409 checksum (${'x'.repeat(32)}) is not a valid hexadecimal value`],
  [
    { os_hash_value: SHA512 },
    "400 Provided object does not match schema 'image': 'os_hash_algo' is a required property",
  ],
];
for (const [data, answer] of VOUCHED) {
  test(`${JSON.stringify(data).slice(0, 70)} vouches for nothing`, async (t) => {
    const user = member();
    const { id } = await user.create(FORMATS);
    t.is(verdict(await user.patch(id, [vouched(data)])), answer);
    t.like(await user.show(id), { status: 'queued', os_hash_value: null, checksum: null });
  });
}

test('what was not vouched for at the beginning is not later', async (t) => {
  const user = member();
  const { id } = await user.create(FORMATS);
  await user.patch(id, [add(place())]);
  t.is(
    verdict(await user.patch(id, [vouched(good, '/2')])),
    "409 New value(s) for os_hash_algo, os_hash_value may only be provided when image status is 'queued'",
  );
});

test('a deactivated image keeps its locations', async (t) => {
  const { id } = await admin.create({}, 'data');
  await admin.expect(204, 'POST', `/v2/images/${id}/actions/deactivate`);
  const not = (verb: string) => `409 It's not allowed to ${verb} locations if image status is deactivated.`;
  t.is(verdict(await admin.patch(id, [add(place())])), not('add'));
  t.is(verdict(await admin.patch(id, [replace([place()])])), not('replace'));
  t.is(verdict(await admin.patch(id, [remove(0)])), not('remove'));
});

test('where the data lies is for the owner to know', async (t) => {
  const user = member();
  const { id, locations } = await user.create({ visibility: 'community' }, 'data');
  t.deepEqual(locations, [{ url: `file://${server.running.images}/${id}`, metadata: {} }]);
  const seen = await member().show(id);
  t.false('locations' in seen);
  t.false('direct_url' in seen);
});
