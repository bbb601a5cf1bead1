import { randomUUID } from 'node:crypto';
import test from 'ava';
import { checkRow, quoted, quotedDetail, type Row } from '../../support/v1-answer.js';
import { FORMATS, OCTETS, type V1Request } from '../../support/v1-client.js';
import { ADMIN, allImages, useServer } from '../../support/v1-server.js';

const server = useServer(
  { DEFAULT: { allow_anonymous_access: true, image_property_quota: 2, image_size_cap: 1000 } },
  {
    policy: {
      publicize_image: 'role:admin',
      add_image: 'not role:noadd',
      copy_from: 'not role:nocopy',
      upload_image: 'not role:noupload',
      set_image_location: 'not role:nolocation',
    },
  },
);

/** Headers that are wrong in one step of a POST each, in the order in which the steps are taken (image-api-v1 section 1.7). */
const WRONG = {
  header: { 'x-image-meta-bogus': 'x' },
  integer: { 'x-image-meta-min_ram': 'x' },
  disk: { 'x-image-meta-disk_format': 'floppy' },
  container: { 'x-image-meta-container_format': 'box' },
  name: { 'x-image-meta-name': 'n'.repeat(256) },
  mix: { 'x-image-meta-disk_format': 'ami', 'x-image-meta-container_format': 'bare' },
  checksum: { 'x-image-meta-checksum': 'c'.repeat(33) },
  cap: { 'x-image-meta-size': '1001' },
  quota: { 'x-image-meta-property-a': '1', 'x-image-meta-property-b': '2', 'x-image-meta-property-c': '3' },
  source: { 'x-image-meta-location': 'file:///etc/passwd' },
  store: { 'x-image-meta-store': 'bogus' },
  location: { 'x-image-meta-location': 'HTTP://host/image' },
  id: { 'x-image-meta-id': 'not-a-uuid' },
  range: { 'x-image-meta-min_disk': '2147483648' },
};
const BODY = { data: 'data' };
const TEXT = {
  disk: "Invalid disk format 'floppy' for image.",
  mix:
    'Invalid mix of disk and container formats. When setting a disk or container format to one of ' +
    "'aki', 'ari', or 'ami', the container and disk formats must match.",
  quota: 'The limit has been exceeded on the number of allowed image properties. Attempted: 3, Maximum: 2',
  store: 'Required store bogus is invalid',
  id: `Failed to reserve image. Got error: ${quoted('Invalid image id format')}`,
};

interface Case extends Omit<Row, 'send' | 'headers' | 'body'> {
  readonly token?: string;
  readonly sent: V1Request['headers'];
  readonly data?: Buffer | string;
}

const CASES: readonly Case[] = [
  {
    title: 'an unknown header comes before a bad integer',
    sent: { ...WRONG.integer, ...WRONG.header },
    status: 400,
    details: 'Bad header: x-image-meta-bogus',
  },
  {
    title: 'a bad integer comes before a bad format',
    sent: { ...WRONG.disk, ...WRONG.integer },
    status: 400,
    explains: "Invalid value 'x' for parameter 'min_ram': Cannot convert image min_ram 'x' to an integer.",
  },
  {
    title: 'a bad disk format comes before a bad container format',
    sent: { ...WRONG.container, ...WRONG.disk },
    status: 400,
    explains: TEXT.disk,
  },
  {
    title: 'a bad container format comes before a long name',
    sent: { ...WRONG.name, ...WRONG.container },
    status: 400,
    explains: "Invalid container format 'box' for image.",
  },
  {
    title: 'a long name comes before a bad mix of formats',
    sent: { ...WRONG.mix, ...WRONG.name },
    status: 400,
    explains: 'Image name too long: 256',
  },
  {
    title: 'a bad mix of formats comes before a long checksum',
    sent: { ...WRONG.checksum, ...WRONG.mix },
    status: 400,
    explains: TEXT.mix,
  },
  {
    title: 'a long checksum comes before the size cap',
    sent: { ...WRONG.cap, ...WRONG.checksum },
    status: 400,
    explains: `Invalid checksum '${'c'.repeat(33)}': can't exceed 32 characters`,
  },
  {
    title: 'the size cap comes before read-only access',
    token: '',
    sent: WRONG.cap,
    status: 400,
    explains: 'Denying attempt to upload image larger than 1000 bytes.',
  },
  {
    title: 'the length of the body counts for the cap before the size header does',
    sent: { ...FORMATS, ...OCTETS, 'x-image-meta-size': '5' },
    data: Buffer.alloc(1001),
    status: 400,
    explains: 'Denying attempt to upload image larger than 1000 bytes.',
  },
  {
    title: 'read-only access comes before policies',
    token: '',
    sent: { ...WRONG.quota, 'x-image-meta-is_public': 'True' },
    status: 403,
    details: 'Read-only access',
  },
  { title: 'add_image comes before the quota', token: 'u:t:noadd', sent: WRONG.quota, status: 403, details: '' },
  {
    title: 'publicize_image comes before the quota',
    token: 'u:t:member',
    sent: { ...WRONG.quota, 'x-image-meta-is_public': 'True' },
    status: 403,
    details: '',
  },
  {
    title: 'copy_from comes before the quota',
    token: 'u:t:nocopy',
    sent: { ...WRONG.quota, 'x-glance-api-copy-from': 'http://host/image' },
    status: 403,
    details: '',
  },
  {
    title: 'copy_from is not asked for an empty source',
    token: 'u:t:nocopy',
    sent: { 'x-glance-api-copy-from': '' },
    status: 400,
    explains: 'External source should not be empty',
  },
  {
    title: 'upload_image comes before the quota',
    token: 'u:t:noupload',
    sent: { ...WRONG.quota, ...FORMATS, ...OCTETS },
    ...BODY,
    status: 403,
    details: '',
  },
  {
    title: 'upload_image is asked for a copy, too',
    token: 'u:t:noupload',
    sent: { 'x-glance-api-copy-from': 'http://host/image' },
    status: 403,
    details: '',
  },
  {
    title: 'the property quota comes before the source',
    sent: { ...WRONG.quota, ...WRONG.source },
    status: 413,
    explains: TEXT.quota,
  },
  {
    title: 'set_image_location comes before the form of the location',
    token: 'u:t:nolocation',
    sent: { 'x-image-meta-location': '' },
    status: 403,
    details: '',
  },
  {
    title: 'a source of no use comes before a store of no use',
    sent: { ...WRONG.source, ...WRONG.store },
    status: 400,
    explains: "External sources are not supported: 'file:///etc/passwd'",
  },
  {
    title: 'a store of no use comes before a bad location',
    sent: { ...WRONG.location, ...WRONG.store },
    status: 400,
    explains: TEXT.store,
  },
  {
    title: 'a bad location comes before a bad id',
    sent: { ...WRONG.location, ...WRONG.id },
    status: 400,
    explains: 'Invalid location HTTP://host/image',
  },
  {
    title: 'a bad id comes before a value out of range',
    sent: { ...WRONG.range, ...WRONG.id },
    status: 400,
    explains: TEXT.id,
  },
  {
    title: 'a value out of range comes before two sources',
    sent: { ...WRONG.range, 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' },
    ...BODY,
    status: 400,
    explains: `Failed to reserve image. Got error: ${quotedDetail(
      "Failed to add image metadata. Got error: 'min_disk' value out of range, must not exceed 2147483647.",
    )}`,
  },
  {
    title: 'a bad id comes before two sources',
    sent: { ...WRONG.id, 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' },
    ...BODY,
    status: 400,
    explains: TEXT.id,
  },
];

for (const { title, token = ADMIN, sent, data, ...wanted } of CASES) {
  test(title, async (t) => {
    const name = `create ${randomUUID()}`;
    const request = { headers: { 'x-image-meta-name': name, ...sent }, ...(data === undefined ? {} : { body: data }) };
    const client = server.admin.as(token === '' ? undefined : token);
    await checkRow(t, client, { title, send: ['POST', '/v1/images', request], ...wanted });
    t.false((await allImages(server.admin)).some((image) => image.name === name));
  });
}
