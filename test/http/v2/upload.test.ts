import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import type { V1Request } from '../../support/v1-client.js';
import { FORMATS, type V2Client, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const CAP = 100_000;
const server = useV2Server({
  DEFAULT: { image_size_cap: CAP },
});
const { admin, member } = server;

const queued = (client: V2Client, more: object = {}) => client.create({ ...FORMATS, ...more });
const hash = (algorithm: string, data: Buffer | string) => createHash(algorithm).update(data).digest('hex');
const large = (size: number) => Buffer.alloc(size, 'x');

/** Ways to send data, and what is stored of it. */
const WAYS: Readonly<Record<string, readonly [V1Request, string]>> = {
  'with its length': [{ body: 'hello' }, 'hello'],
  'in chunks': [{ chunks: ['hel', 'lo'] }, 'hello'],
  'in chunks, of none': [{ chunks: [] }, ''],
  'of no bytes': [{ body: '' }, ''],
  'without any body': [{}, ''],
  'with its size announced': [{ body: 'hello', headers: { 'x-openstack-image-size': '5' } }, 'hello'],
  'in chunks, with its size announced': [{ chunks: ['hello'], headers: { 'x-openstack-image-size': ' 5 ' } }, 'hello'],
  'to a store, where there is but one': [{ body: 'hello', headers: { 'x-image-meta-store': 'elsewhere' } }, 'hello'],
  'with a parameter of its type': [
    { body: 'hello', headers: { 'content-type': 'application/octet-stream; charset=x' } },
    'hello',
  ],
};
for (const [way, [sent, stored]] of Object.entries(WAYS)) {
  test(`data ${way}`, async (t) => {
    const user = member();
    const { id } = await queued(user);
    const answer = await user.upload(id, sent);
    t.deepEqual([answer.status, answer.text], [204, '']);
    t.like(await user.show(id), {
      status: 'active',
      size: stored.length,
      checksum: hash('md5', stored),
      os_hash_algo: 'sha512',
      os_hash_value: hash('sha512', stored),
    });
    const data = await user.get(`/v2/images/${id}/file`);
    t.deepEqual([data.status, data.text], [200, stored]);
  });
}

const octets = (size: string) => ({ 'x-openstack-image-size': size });
const type = (name: string) => ({ 'content-type': name });
const unsupported = (name: string) =>
  `415 The request media type ${name} is not supported by this server. Invalid content type ${name}`;
const qcow2 = (backing: number) => {
  const header = Buffer.alloc(512);
  header.write('QFI\u00fb', 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(backing, 12);
  return header;
};
const media = (text: string) =>
  `415 The request media type application/octet-stream is not supported by this server. ${text}`;
const tooLarge = `413 The incoming image is too large: Denying attempt to upload image larger than ${CAP} bytes.`;

/** What is sent, and how it is refused (image-api-v2 section 2.3). The image is as it was before. */
const REFUSALS: Readonly<Record<string, readonly [sent: V1Request, answer: string, image?: object]>> = {
  text: [{ body: 'x', headers: type('text/plain') }, unsupported('text/plain')],
  JSON: [{ body: '{}', headers: type('application/json') }, unsupported('application/json')],
  'a type in capitals': [
    { body: 'x', headers: type('APPLICATION/OCTET-STREAM') },
    unsupported('APPLICATION/OCTET-STREAM'),
  ],
  'a size of words': [{ body: 'x', headers: octets('x') }, '400 Invalid or missing image size in request headers.'],
  'no size in its header': [
    { body: 'x', headers: octets('') },
    '400 Invalid or missing image size in request headers.',
  ],
  'a negative size': [{ body: 'x', headers: octets('-1') }, '400 Invalid or missing image size in request headers.'],
  'fewer bytes than announced': [
    { body: 'hello', headers: octets('9') },
    '400 Size mismatch: expected 9 bytes, got 5 bytes',
  ],
  'more bytes than announced': [
    { body: 'hello', headers: octets('2') },
    '400 Size mismatch: expected 2 bytes, got 5 bytes',
  ],
  'fewer chunks than announced': [
    { chunks: ['hel', 'lo'], headers: octets('9') },
    '400 Size mismatch: expected 9 bytes, got 5 bytes',
  ],
  'an image above the cap': [{ body: large(CAP + 1) }, tooLarge],
  'chunks above the cap': [{ chunks: [large(CAP), 'x'] }, tooLarge],
  'an announcement above the cap': [{ body: 'x', headers: octets(String(CAP + 1)) }, tooLarge],
  'a format that it is not': [
    { body: large(1000) },
    media('Image disk_format qcow2 does not match stream data raw'),
    { disk_format: 'qcow2' },
  ],
  'a format that another is': [
    { body: qcow2(0) },
    media('Image disk_format iso does not match stream data qcow2'),
    { disk_format: 'iso' },
  ],
  'a backing file': [
    { body: qcow2(8) },
    media('Image failed safety checks: qcow2 backing_file: the image has a backing file'),
    { disk_format: 'qcow2' },
  ],
  'a backing file, called raw': [
    { body: qcow2(8) },
    media('Image failed safety checks: qcow2 backing_file: the image has a backing file'),
  ],
  'an image without formats': [
    { body: 'x' },
    '400 Properties disk_format, container_format must be set prior to saving data.',
    { disk_format: null, container_format: null },
  ],
  'an image without one format': [
    { body: 'x' },
    '400 Property container_format must be set prior to saving data.',
    { container_format: null },
  ],
  'an image without the other': [
    { body: 'x' },
    '400 Property disk_format must be set prior to saving data.',
    { disk_format: null },
  ],
};
for (const [what, [sent, answer, more]] of Object.entries(REFUSALS)) {
  test(`${what}: refused, and the image is still empty`, async (t) => {
    const user = member();
    const { id } = await queued(user, more);
    t.is(verdict(await user.upload(id, sent)), answer);
    t.like(await user.show(id), {
      status: 'queued',
      size: null,
      virtual_size: null,
      checksum: null,
      os_hash_algo: null,
      os_hash_value: null,
    });
    t.is((await user.get(`/v2/images/${id}/file`)).status, 204);
    t.false(server.running.storedFiles().some((name) => name.includes(id)));
  });
}

test('after a refusal the right data is taken', async (t) => {
  const user = member();
  const { id } = await queued(user);
  t.is((await user.upload(id, { body: 'hello', headers: octets('9') })).status, 400);
  t.is((await user.upload(id, { body: large(CAP + 1) })).status, 413);
  t.is((await user.upload(id, { body: large(CAP) })).status, 204);
  t.is((await user.show(id)).size, CAP);
});

test('content tells the size of the disk', async (t) => {
  const user = member();
  const header = qcow2(0);
  header.writeBigUInt64BE(5_000_000_000n, 24);
  t.is((await user.create({ disk_format: 'qcow2' }, header)).virtual_size, 5_000_000_000);
  t.is((await user.create({ disk_format: 'raw' }, large(700))).virtual_size, 700);
});

test('data is uploaded once', async (t) => {
  const user = member();
  const { id } = await user.create({}, 'first');
  const again = async () => verdict(await user.upload(id, { body: 'second' }));
  t.is(await again(), '409 Image status transition from active to saving is not allowed');
  await user.expect(204, 'POST', `/v2/images/${id}/actions/deactivate`);
  t.is(await again(), '409 Image status transition from deactivated to saving is not allowed');
  await user.expect(204, 'POST', `/v2/images/${id}/actions/reactivate`);
  t.is((await user.get(`/v2/images/${id}/file`)).text, 'first');
});

test('who may not upload, and where nothing is', async (t) => {
  const project = `p-${randomUUID()}`;
  const absent = randomUUID();
  const image = await queued(member(project), { visibility: 'community' });
  const refused = '403 You are not authorized to complete upload_image action.';
  t.is(verdict(await member().upload(image.id, { body: 'x' })), refused);
  t.is(verdict(await admin.as(`u:${project}:reader`).upload(image.id, { body: 'x' })), refused);
  t.is(verdict(await member().upload(absent, { body: 'x' })), `404 No image found with ID ${absent}`);
  t.is((await admin.as().upload(image.id, { body: 'x' })).status, 401);
});
