import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import { imageOf as v1ImageOf, imagesOf as v1ImagesOf } from '../../support/v1-client.js';
import { FORMATS } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin, member } = useV2Server();

const DATA = 'hello';
const MD5 = createHash('md5').update(DATA).digest('hex');
const SHA512 = createHash('sha512').update(DATA).digest('hex');

test('what v1 wrote, v2 shows', async (t) => {
  const project = `p-${randomUUID()}`;
  const user = member(project);
  const id = randomUUID();
  const made = await user.v1.create(
    {
      'x-image-meta-id': id,
      'x-image-meta-name': 'näme',
      'x-image-meta-disk_format': 'raw',
      'x-image-meta-container_format': 'ovf',
      'x-image-meta-min_ram': '3',
      'x-image-meta-min_disk': '4',
      'x-image-meta-protected': 'True',
      'x-image-meta-property-os_distro': 'débian',
      'x-image-meta-property-empty': '',
    },
    Buffer.from(DATA),
  );
  const image = await user.show(id);
  t.deepEqual(image, {
    os_distro: 'débian',
    empty: '',
    name: 'näme',
    disk_format: 'raw',
    container_format: 'ovf',
    visibility: 'shared',
    size: 5,
    virtual_size: null,
    status: 'active',
    checksum: MD5,
    protected: true,
    min_ram: 3,
    min_disk: 4,
    owner: project,
    os_hidden: false,
    os_hash_algo: 'sha512',
    os_hash_value: SHA512,
    id,
    created_at: `${made.created_at.slice(0, 19)}Z`,
    updated_at: `${made.updated_at.slice(0, 19)}Z`,
    tags: [],
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: '/v2/schemas/image',
  });
  t.is((await user.get(`/v2/images/${id}/file`)).text, DATA);
  t.is((await user.send('DELETE', `/v2/images/${id}`)).status, 403);
  await user.patch(id, [{ op: 'replace', path: '/protected', value: false }]);
});

test('what v2 wrote, v1 shows', async (t) => {
  const project = `p-${randomUUID()}`;
  const user = member(project);
  const image = await user.create(
    {
      name: 'näme',
      min_ram: 3,
      min_disk: 4,
      protected: true,
      os_distro: 'débian',
      container_format: 'ovf',
      tags: ['t'],
    },
    DATA,
  );
  const { id } = image;
  const [shown] = v1ImagesOf(await user.v1.send('GET', `/v1/images/detail?name=${encodeURIComponent('näme')}`));
  t.like(shown, {
    id,
    name: 'näme',
    status: 'active',
    is_public: false,
    disk_format: 'raw',
    container_format: 'ovf',
    min_ram: 3,
    min_disk: 4,
    protected: true,
    owner: project,
    size: 5,
    checksum: MD5,
    deleted: false,
    properties: { os_distro: 'débian' },
  });
  t.is(`${shown?.created_at.slice(0, 19)}Z`, String(image.created_at));
  t.is(`${shown?.updated_at.slice(0, 19)}Z`, image.updated_at);
  const data = await user.v1.send('GET', `/v1/images/${id}`);
  t.is(data.text, DATA);
  t.is(data.headers['x-image-meta-name'], 'näme');
  t.is(data.headers['x-image-meta-property-os_distro'], 'débian');
  t.is((await user.v1.send('DELETE', `/v1/images/${id}`)).status, 403);
  await user.patch(id, [{ op: 'replace', path: '/protected', value: false }]);
});

/** v2's four visibilities are two in v1. */
const PUBLIC: Readonly<Record<string, string>> = {
  public: 'True',
  private: 'False',
  shared: 'False',
  community: 'False',
};
for (const [visibility, isPublic] of Object.entries(PUBLIC)) {
  test(`${visibility} in v2 is public in v1: ${isPublic}`, async (t) => {
    const { id } = await admin.create({ visibility, owner: 'p' });
    const head = await admin.v1.send('HEAD', `/v1/images/${id}`);
    t.is(head.headers['x-image-meta-is_public'], isPublic);
  });
}

test('v1 makes images public and takes it back, and v2 sees it', async (t) => {
  const { id } = await admin.v1.create({ 'x-image-meta-is_public': 'True', 'x-image-meta-owner': 'p' });
  t.is((await admin.show(id)).visibility, 'public');
  const put = (value: string) =>
    admin.v1.send('PUT', `/v1/images/${id}`, { headers: { 'x-image-meta-is_public': value } });
  t.is((await put('False')).status, 200);
  t.not((await admin.show(id)).visibility, 'public');
});

test('what is reserved in one API is filled in the other', async (t) => {
  const user = member();
  const first = await user.v1.create({ 'x-image-meta-disk_format': 'raw', 'x-image-meta-container_format': 'bare' });
  t.is((await user.show(first.id)).status, 'queued');
  t.is((await user.upload(first.id, { body: DATA })).status, 204);
  t.is(await user.v1.statusOf(first.id), 'active');
  const second = await user.create(FORMATS);
  const headers = { 'content-type': 'application/octet-stream' };
  const filled = await user.v1.send('PUT', `/v1/images/${second.id}`, { headers, body: DATA });
  t.is(v1ImageOf(filled).status, 'active');
  t.like(await user.show(second.id), { status: 'active', size: 5, checksum: MD5, os_hash_value: SHA512 });
});

test('a change in one API is seen in the other', async (t) => {
  const user = member();
  const { id } = await user.create({ name: 'old', a: '1', b: '2' });
  const headers = { 'x-image-meta-name': 'new', 'x-image-meta-property-c': '3' };
  t.is((await user.v1.send('PUT', `/v1/images/${id}`, { headers })).status, 200);
  const image = await user.show(id);
  t.like(image, { name: 'new', c: '3' });
  t.false('a' in image, 'v1 drops the properties that it does not name');
  await user.patch(id, [{ op: 'replace', path: '/name', value: 'newest' }]);
  const head = await user.v1.send('HEAD', `/v1/images/${id}`);
  t.is(head.headers['x-image-meta-name'], 'newest');
  t.is(head.headers['x-image-meta-property-c'], '3');
});

test('tags outlive a change by v1, which knows none', async (t) => {
  const user = member();
  const { id } = await user.create({ tags: ['t'], os_hidden: true });
  await user.v1.send('PUT', `/v1/images/${id}`, { headers: { 'x-image-meta-name': 'n' } });
  t.like(await user.show(id), { name: 'n', os_hidden: true });
  t.deepEqual((await user.show(id)).tags, ['t']);
});

test('members are the same in both', async (t) => {
  const user = member();
  const { id } = await user.create();
  const [one, two] = [`p-${randomUUID()}`, `p-${randomUUID()}`];
  t.is((await user.v1.send('PUT', `/v1/images/${id}/members/${one}`)).status, 204);
  await user.expect(200, 'POST', `/v2/images/${id}/members`, { json: { member: two } });
  const inV1: { members: { member_id: string }[] } = JSON.parse(
    (await user.v1.send('GET', `/v1/images/${id}/members`)).text,
  );
  const inV2: { members: { member_id: string }[] } = JSON.parse((await user.get(`/v2/images/${id}/members`)).text);
  const names = ({ members }: typeof inV1) => members.map(({ member_id }) => member_id);
  t.deepEqual(names(inV1), [one, two]);
  t.deepEqual(names(inV2), [one, two]);
  t.is(await member(two).v1.statusOf(id), 'queued');
  t.is((await member(one).get(`/v2/images/${id}`)).status, 200);
  await user.expect(204, 'DELETE', `/v2/images/${id}/members/${one}`);
  t.is(await member(one).v1.statusOf(id), 404);
});

test('gone in one is gone in the other, and its id is taken for good', async (t) => {
  const user = member();
  const first = await user.create({}, DATA);
  t.is((await user.v1.send('DELETE', `/v1/images/${first.id}`)).status, 200);
  t.is((await user.get(`/v2/images/${first.id}`)).status, 404);
  t.is((await user.send('POST', '/v2/images', { json: { id: first.id } })).status, 409);
  const second = await user.v1.create({}, DATA);
  await user.expect(204, 'DELETE', `/v2/images/${second.id}`);
  t.is(await user.v1.statusOf(second.id), 404);
  const again = await user.v1.send('POST', '/v1/images', { headers: { 'x-image-meta-id': second.id } });
  t.is(again.status, 409);
});

test('what v2 deactivates, v1 does not hand out', async (t) => {
  const user = member();
  const { id } = await user.v1.create({}, DATA);
  await user.expect(204, 'POST', `/v2/images/${id}/actions/deactivate`);
  t.is((await user.v1.send('GET', `/v1/images/${id}`)).status, 403);
  await user.expect(204, 'POST', `/v2/images/${id}/actions/reactivate`);
  t.is((await user.v1.send('GET', `/v1/images/${id}`)).text, DATA);
});
