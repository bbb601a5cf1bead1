import test from 'ava';
import { checkRow, quoted, quotedDetail, type Wanted } from '../../support/v1-answer.js';
import { useServer } from '../../support/v1-server.js';

const { admin } = useServer();

type Fields = Readonly<Record<string, string>>;

function headersOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [`x-image-meta-${field}`, value]));
}

const LONG = 'n'.repeat(255);
/** Fields as sent, and what becomes of them (image-api-v1 section 2.1). */
const GOOD: readonly [fields: Fields, image: Readonly<Record<string, unknown>>][] = [
  [{ name: 'plain' }, { name: 'plain' }],
  [{ name: LONG }, { name: LONG }],
  [{ name: '' }, { name: null }],
  [{ name: '  blanks around  ' }, { name: 'blanks around' }],
  [{ disk_format: 'qcow2' }, { disk_format: 'qcow2', container_format: null }],
  ...['vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'].map((disk_format): [Fields, Fields] => [
    { disk_format, container_format: 'ovf' },
    { disk_format, container_format: 'ovf' },
  ]),
  ...['bare', 'ovf', 'ova', 'docker'].map((container_format): [Fields, Fields] => [
    { container_format },
    { container_format },
  ]),
  ...['aki', 'ari', 'ami'].flatMap((format): [Fields, Fields][] => {
    const both = { disk_format: format, container_format: format };
    return [
      [{ disk_format: format }, both],
      [{ container_format: format }, both],
      [both, both],
    ];
  }),
  [
    { size: '12', min_disk: '3', min_ram: '4' },
    { size: 12, min_disk: 3, min_ram: 4, status: 'queued' },
  ],
  [{ size: ' 12 ' }, { size: 12 }],
  [{ size: '+12' }, { size: 12 }],
  [{ size: '012' }, { size: 12 }],
  [{ size: '0' }, { size: 0, status: 'active' }],
  [
    { min_disk: '2147483647', min_ram: '2147483647' },
    { min_disk: 2147483647, min_ram: 2147483647 },
  ],
  [{ virtual_size: '5368709120' }, { virtual_size: 5368709120 }],
  [{ virtual_size: 'None' }, { virtual_size: null }],
  ...['true', 'True', 'TRUE', 't', 'on', 'y', 'yes', 'YES', '1', ' true '].map(
    (word): [Fields, Readonly<Record<string, unknown>>] => [
      { is_public: word, protected: word },
      { is_public: true, protected: true },
    ],
  ),
  ...['false', 'False', 'f', 'off', 'n', 'no', '0', 'None', '', 'maybe', '2', 'truth'].map(
    (word): [Fields, Readonly<Record<string, unknown>>] => [
      { is_public: word, protected: word },
      { is_public: false, protected: false },
    ],
  ),
  [{ checksum: 'c'.repeat(32) }, { checksum: 'c'.repeat(32) }],
  [{ checksum: 'short' }, { checksum: 'short' }],
  [{ checksum: '' }, { checksum: null }],
  [{ owner: 'someone' }, { owner: 'someone' }],
  [{ owner: '' }, { owner: null }],
  [{ status: 'killed' }, { status: 'queued' }],
  [{ status: 'bogus' }, { status: 'queued' }],
  [
    { uri: 'x', copy_from: 'y' },
    { status: 'queued', properties: {} },
  ],
  [{ store: 'file' }, { status: 'queued' }],
  [{ deleted: 'True' }, { status: 'queued', deleted: true, deleted_at: null }],
  [{ created_at: '2001-02-03T04:05:06' }, { created_at: '2001-02-03T04:05:06.000000' }],
  [{ created_at: '2001-02-03T04:05:06.1234567' }, { created_at: '2001-02-03T04:05:06.123456' }],
  [{ created_at: '2001-02-03T04:05:06+02:00' }, { created_at: '2001-02-03T02:05:06.000000' }],
  [{ created_at: '20010203T040506Z' }, { created_at: '2001-02-03T04:05:06.000000' }],
  [{ created_at: '2001-02-03' }, { created_at: '2001-02-03T00:00:00.000000' }],
  [{ updated_at: '2002-03-04T05:06:07.5' }, { updated_at: '2002-03-04T05:06:07.500000' }],
  [{ deleted_at: '2002-03-04T05:06:07' }, { deleted_at: null, deleted: false }],
];
for (const [fields, image] of GOOD) {
  test(`taken: ${JSON.stringify(fields).slice(0, 200)}`, async (t) => {
    const request = { headers: headersOf(fields) };
    await checkRow(t, admin, { title: '', send: ['POST', '/v1/images', request], status: 201, image });
  });
}

const invalid = (field: string, value: string): Omit<Wanted, 'status'> => ({
  explains: `Invalid value '${value}' for parameter '${field}': Cannot convert image ${field} '${value}' to an integer.`,
});
const range = (field: string): Omit<Wanted, 'status'> => ({
  explains: `Failed to reserve image. Got error: ${quotedDetail(
    `Failed to add image metadata. Got error: '${field}' value out of range, must not exceed 2147483647.`,
  )}`,
});
const MIX =
  'Invalid mix of disk and container formats. When setting a disk or container format to one of ' +
  "'aki', 'ari', or 'ami', the container and disk formats must match.";

/** Fields that are refused with 400. */
const BAD: readonly [fields: Fields, wanted: Omit<Wanted, 'status'>][] = [
  ...['bogus', 'x', 'tags', 'visibility', 'properties', 'is_publicx', '', 'property'].map(
    (field): [Fields, Omit<Wanted, 'status'>] => [
      { [field]: 'v' },
      { details: `Bad header: x-image-meta-${field.replace('_', '-')}` },
    ],
  ),
  ...['size', 'min_disk', 'min_ram', 'virtual_size'].flatMap((field): [Fields, Omit<Wanted, 'status'>][] => [
    [{ [field]: 'abc' }, invalid(field, 'abc')],
    [{ [field]: '1.5' }, invalid(field, '1.5')],
    [{ [field]: '0x10' }, invalid(field, '0x10')],
    [{ [field]: '' }, invalid(field, '')],
    [{ [field]: '-1' }, { explains: `Invalid value '-1' for parameter '${field}': Cannot be a negative value.` }],
  ]),
  [{ min_disk: '2147483648' }, range('min_disk')],
  [{ min_ram: '9223372036854775808' }, range('min_ram')],
  [{ name: `${LONG}n` }, { explains: 'Image name too long: 256' }],
  [{ checksum: 'c'.repeat(33) }, { explains: `Invalid checksum '${'c'.repeat(33)}': can't exceed 32 characters` }],
  [{ disk_format: 'RAW' }, { explains: "Invalid disk format 'RAW' for image." }],
  [{ disk_format: '' }, { explains: "Invalid disk format 'None' for image." }],
  [{ disk_format: 'bare' }, { explains: "Invalid disk format 'bare' for image." }],
  [{ container_format: 'raw' }, { explains: "Invalid container format 'raw' for image." }],
  [{ container_format: '' }, { explains: "Invalid container format 'None' for image." }],
  [{ disk_format: 'ami', container_format: 'bare' }, { explains: MIX }],
  [{ disk_format: 'raw', container_format: 'aki' }, { explains: MIX }],
  [{ disk_format: 'ari', container_format: 'aki' }, { explains: MIX }],
  ...['created_at', 'updated_at', 'deleted_at'].flatMap((field): [Fields, Omit<Wanted, 'status'>][] =>
    ['yesterday', '1899-12-31T00:00:00', '2001-02-30', '2001-01-01T25:00:00', '9999-12-31'].map((value) => [
      { [field]: value },
      { explains: `Invalid time format for ${field}.` },
    ]),
  ),
  ...['1', 'not-a-uuid', 'zzzzzzzz-zzzz-4zzz-8zzz-zzzzzzzzzzzz', '{00000000-0000-4000-8000-000000000001}'].map(
    (id): [Fields, Omit<Wanted, 'status'>] => [
      { id },
      { explains: `Failed to reserve image. Got error: ${quoted('Invalid image id format')}` },
    ],
  ),
  [{ name: 'face 😀' }, {}],
  [{ 'property-face': '😀' }, {}],
  [{ owner: 'o'.repeat(256) }, {}],
  [{ 'property-key': 'v', [`property-${'k'.repeat(256)}`]: 'v' }, {}],
];
for (const [fields, wanted] of BAD) {
  test(`refused: ${JSON.stringify(fields).slice(0, 200)}`, async (t) => {
    const request = { headers: headersOf(fields) };
    await checkRow(t, admin, { title: '', send: ['POST', '/v1/images', request], status: 400, ...wanted });
  });
}

test('times and deleted are dropped by an update', async (t) => {
  const before = await admin.create();
  const headers = headersOf({ created_at: '2001-01-01', updated_at: '2001-01-01', deleted: 'True' });
  await checkRow(t, admin, {
    title: '',
    send: ['PUT', `/v1/images/${before.id}`, { headers }],
    status: 200,
    image: { created_at: before.created_at, deleted: false },
  });
});

test('an owner is for admins to name', async (t) => {
  const user = admin.as('u:users:member');
  const { id } = await user.create({ 'x-image-meta-owner': 'someone' });
  const owned = { status: 200, image: { owner: 'users' } };
  const request = { headers: { 'x-image-meta-owner': 'someone' } };
  await checkRow(t, user, { title: '', send: ['PUT', `/v1/images/${id}`, request], ...owned });
  await checkRow(t, admin, {
    title: '',
    send: ['PUT', `/v1/images/${id}`, request],
    status: 200,
    image: { owner: 'someone' },
  });
  t.is(await user.statusOf(id), 404);
});
