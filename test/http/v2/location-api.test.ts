import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { type ChangingOrigin, changingOrigin } from '../../support/changing-origin.js';
import { FORMATS, type V2Client, type V2Image, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

let origin: ChangingOrigin;
const BYTES = randomBytes(5000);
const server = useV2Server(
  {
    import_filtering_opts: { allowed_hosts: '127.0.0.1', allowed_ports: '' },
    DEFAULT: { image_size_cap: 10_000, user_storage_quota: 12_000 },
  },
  {
    async prepare() {
      origin = await changingOrigin(BYTES);
    },
  },
);
test.after.always('the origin closes', () => origin?.close());
const { admin, member } = server;
const service = (project: string): V2Client => admin.as(`nova:${project}:service,reader,member`);

const hash = (algorithm: string, bytes = BYTES) => createHash(algorithm).update(bytes).digest('hex');
const claim = (algorithm: string, value = hash(algorithm)) => ({ os_hash_algo: algorithm, os_hash_value: value });
const add = (client: V2Client, id: string, json: unknown) =>
  client.send('POST', `/v2/images/${id}/locations`, { json });
const queued = async (client: V2Client) => (await client.create(FORMATS)).id;

/** The image, once `settled` says so. */
async function until(client: V2Client, id: string, settled: (image: V2Image) => boolean): Promise<V2Image> {
  for (let tries = 0; tries < 500; tries += 1) {
    const image = await client.show(id);
    if (settled(image)) return image;
    await wait(20);
  }
  throw new Error(`image ${id} never settled`);
}

test('without a hash the image is active at once, and its hashes come later', async (t) => {
  const user = member();
  const id = await queued(user);
  const answer = await add(user, id, { url: origin.url });
  t.deepEqual([answer.status, answer.text], [202, '']);
  t.like(await user.show(id), { status: 'active', size: BYTES.length, virtual_size: null });
  const image = await until(user, id, ({ checksum }) => checksum !== null);
  t.like(image, { checksum: hash('md5'), os_hash_algo: 'sha512', os_hash_value: hash('sha512') });
  t.true((await user.get(`/v2/images/${id}/file`)).body.equals(BYTES));
});

for (const algorithm of ['sha512', 'sha256', 'sha1', 'md5']) {
  test(`a claimed ${algorithm} is checked before the image is active`, async (t) => {
    const user = member();
    const id = await queued(user);
    const validation_data = claim(algorithm, hash(algorithm).toUpperCase());
    t.is((await add(user, id, { url: origin.url, validation_data })).status, 202);
    const image = await until(user, id, ({ status }) => status !== 'importing');
    t.like(image, { status: 'active', size: BYTES.length, checksum: hash('md5'), ...claim(algorithm) });
  });
}

test('a wrong claim leaves the image queued and as it was, and another may follow', async (t) => {
  const user = member();
  const id = await queued(user);
  t.is(
    (await add(user, id, { url: origin.url, validation_data: claim('sha256', hash('sha256', Buffer.from('x'))) }))
      .status,
    202,
  );
  const image = await until(user, id, ({ status }) => status !== 'importing');
  t.like(image, { status: 'queued', size: null, checksum: null, os_hash_algo: null, os_hash_value: null });
  t.is((await add(user, id, { url: origin.url, validation_data: claim('sha256') })).status, 202);
  t.is((await until(user, id, ({ status }) => status !== 'importing')).status, 'active');
});

test('services and administrators see locations, owners do not', async (t) => {
  const user = member('locators');
  const id = await queued(user);
  await add(user, id, { url: origin.url });
  const path = `/v2/images/${id}/locations`;
  const shown = [{ url: origin.url, metadata: {} }];
  t.deepEqual(JSON.parse((await admin.get(path)).text), shown);
  t.deepEqual(JSON.parse((await service('locators').get(path)).text), shown);
  t.is(verdict(await user.get(path)), '403 You are not authorized to complete fetch_image_location action.');
  t.is((await member().get(path)).status, 404);
  t.is((await service('elsewhere').get(path)).status, 404);
});

for (const [title, json, expected] of [
  ['no url', {}, /^400 .*'url' is a required property/],
  ['a list', [], /^400 .* is not of type 'object'/],
  ['a url of another type', { url: 1 }, /^400 .*1 is not of type 'string'/],
  ['an empty url', { url: '' }, /^400 .*'' is too short/],
  ['null for the claim', { url: 'http://x/', validation_data: null }, /^400 .*None is not of type 'object'/],
  [
    'half a claim',
    { url: 'http://x/', validation_data: { os_hash_algo: 'md5' } },
    /^400 .*'os_hash_value' is a required property/,
  ],
  [
    'more than a claim',
    { url: 'http://x/', validation_data: { ...claim('md5'), checksum: 'x' } },
    /^400 .*'checksum' was unexpected/,
  ],
  [
    'an unknown algorithm',
    { url: 'http://x/', validation_data: claim('sha512', 'ab') && { os_hash_algo: 'crc', os_hash_value: 'ab' } },
    /^400 .*'crc' is not one of/,
  ],
  [
    'no hex',
    { url: 'http://x/', validation_data: { os_hash_algo: 'md5', os_hash_value: 'zz' } },
    /^400 os_hash_value \(zz\) is not a valid hexadecimal value/,
  ],
  [
    'a short hash',
    { url: 'http://x/', validation_data: claim('sha512', 'ab') },
    /^400 os_hash_value: \(ab\) is not the correct size for \(sha512\) \(should be \(64\) bytes\)/,
  ],
  ['a file', { url: 'file:///etc/passwd' }, /^403 http store must be enabled to use location API by normal user\./],
  ['a scheme of no store', { url: 'rbd://x' }, /^403 http store must be enabled/],
  [
    'a host that is not allowed',
    { url: 'http://169.254.169.254/x' },
    /^400 URI for add location does not pass filtering: http:\/\/169\.254\.169\.254\/x/,
  ],
] as const) {
  test(`refuses ${title}, and the image stays queued`, async (t) => {
    const user = member();
    const id = await queued(user);
    t.regex(verdict(await add(user, id, json)), expected);
    t.is((await user.show(id)).status, 'queued');
  });
}

test('refuses a file from services and administrators as well', async (t) => {
  for (const who of [service('files'), admin.as('root:files:admin,service')]) {
    const id = await queued(member('files'));
    t.regex(
      verdict(await add(who, id, { url: 'file:///etc/passwd' })),
      /^400 URI for add location does not pass filtering/,
    );
  }
});

test('refuses what is not there, too large, or over the quota', async (t) => {
  const user = member();
  const id = await queued(user);
  t.is(verdict(await add(user, id, { url: 'http://127.0.0.1:1/none' })), '400 Invalid location');
  const large = await changingOrigin(randomBytes(10_001));
  const small = await changingOrigin(randomBytes(8000));
  try {
    t.regex(verdict(await add(user, id, { url: large.url })), /^413 The incoming image is too large/);
    t.is((await add(user, id, { url: origin.url })).status, 202);
    const other = await queued(user);
    t.regex(verdict(await add(user, other, { url: small.url })), /^413 Image exceeds the storage quota/);
  } finally {
    await large.close();
    await small.close();
  }
});

test('only a queued image takes a location, whoever asks; the status is told before the right is asked', async (t) => {
  const id = await queued(member('status'));
  const user = member('status');
  await add(user, id, { url: origin.url });
  for (const who of [user, admin, admin.as('u:status:reader')]) {
    const answer = await add(who, id, { url: origin.url });
    t.is(verdict(answer), "409 It's not allowed to add locations if image status is active.");
  }
  const reader = admin.as('u:status:reader');
  const fresh = await queued(user);
  t.is(
    verdict(await add(reader, fresh, { url: origin.url })),
    '403 You are not authorized to complete add_image_location action.',
  );
  t.is((await add(member(), fresh, { url: origin.url })).status, 404);
});

test('an image without formats takes no data', async (t) => {
  const user = member();
  const { id } = await user.create({});
  t.is(
    verdict(await add(user, id, { url: origin.url })),
    '400 Properties disk_format, container_format must be set prior to saving data.',
  );
});

test('deleting an image ends the reading of its location', async (t) => {
  const user = member();
  const id = await queued(user);
  await add(user, id, { url: origin.url, validation_data: claim('sha512') });
  await user.expect(204, 'DELETE', `/v2/images/${id}`);
  t.is((await user.get(`/v2/images/${id}`)).status, 404);
});
