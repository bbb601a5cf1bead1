import { randomUUID } from 'node:crypto';
import test from 'ava';
import { checkRow, quotedDetail, type Row } from '../../support/v1-answer.js';
import { FORMATS, OCTETS, type V1Request } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer(
  { DEFAULT: { allow_anonymous_access: true, image_property_quota: 2, image_size_cap: 1000 } },
  {
    policy: {
      publicize_image: 'role:admin',
      modify_image: 'not role:nomodify',
      copy_from: 'not role:nocopy',
      upload_image: 'not role:noupload',
      set_image_location: 'not role:nolocation',
    },
  },
);
const OWNER = 'u:updates:member';
const ADMIN = 'u:updates:admin';
const owner = server.admin.as(OWNER);
const admin = server.admin.as(ADMIN);

const THREE = { 'x-image-meta-property-a': '1', 'x-image-meta-property-b': '2', 'x-image-meta-property-c': '3' };
const QUOTA = 'The limit has been exceeded on the number of allowed image properties. Attempted: 3, Maximum: 2';

type Given = 'queued' | 'active' | 'deleted' | 'missing';

async function given(state: Given): Promise<string> {
  if (state === 'missing') return randomUUID();
  if (state === 'queued') return (await owner.create(FORMATS)).id;
  const { id } = await owner.create({}, 'data');
  if (state === 'deleted') await owner.send('DELETE', `/v1/images/${id}`);
  return id;
}

interface Case extends Omit<Row, 'send' | 'headers' | 'body' | 'explains' | 'details'> {
  readonly state: Given;
  readonly token?: string;
  readonly sent?: V1Request['headers'];
  readonly data?: string;
  /** Texts; `ID` stands for the image's id. */
  readonly explains?: string;
  readonly details?: string;
}

/** The steps of a PUT, each before the next (image-api-v1 section 1.8). */
const CASES: readonly Case[] = [
  {
    title: 'a bad header comes before read-only access',
    state: 'missing',
    token: '',
    sent: { 'x-image-meta-bogus': 'x' },
    status: 400,
    details: 'Bad header: x-image-meta-bogus',
  },
  {
    title: 'the size cap comes before read-only access',
    state: 'missing',
    token: '',
    sent: { 'x-image-meta-size': '1001' },
    status: 400,
    explains: 'Denying attempt to upload image larger than 1000 bytes.',
  },
  {
    title: 'read-only access comes before the search for the image',
    state: 'missing',
    token: '',
    status: 403,
    details: 'Read-only access',
  },
  { title: 'modify_image comes before the search', state: 'missing', token: 'u:t:nomodify', status: 403, details: '' },
  {
    title: 'publicize_image comes before the search',
    state: 'missing',
    token: OWNER,
    sent: { 'x-image-meta-is_public': 'True' },
    status: 403,
    details: '',
  },
  {
    title: 'copy_from comes before the search',
    state: 'missing',
    token: 'u:t:nocopy',
    sent: { 'x-glance-api-copy-from': 'http://host/i' },
    status: 403,
    details: '',
  },
  {
    title: 'upload_image comes before the search',
    state: 'missing',
    token: 'u:t:noupload',
    sent: OCTETS,
    data: 'data',
    status: 403,
    details: '',
  },
  {
    title: 'a missing image comes before everything about it',
    state: 'missing',
    sent: { ...THREE, 'x-image-meta-status': 'killed' },
    status: 404,
    details: 'Image with identifier ID not found',
  },
  {
    title: 'its owner does not find a deleted image',
    state: 'deleted',
    status: 404,
    details: 'Image with identifier ID not found',
  },
  {
    title: 'a deleted image comes before forbidden fields',
    state: 'deleted',
    token: ADMIN,
    sent: { 'x-image-meta-status': 'killed' },
    status: 403,
    explains: 'Forbidden to update deleted image.',
  },
  {
    title: 'the size of an active image is not for its owner to change, which comes before its status',
    state: 'active',
    sent: { 'x-image-meta-size': '5', 'x-image-meta-status': 'killed' },
    status: 403,
    explains: "Forbidden to modify 'size' of active image.",
  },
  {
    title: 'the checksum of an active image is not for its owner to change',
    state: 'active',
    sent: { 'x-image-meta-checksum': 'c' },
    status: 403,
    explains: "Forbidden to modify 'checksum' of active image.",
  },
  {
    title: 'an emptied checksum is a changed one',
    state: 'active',
    sent: { 'x-image-meta-checksum': '' },
    status: 403,
    explains: "Forbidden to modify 'checksum' of active image.",
  },
  {
    title: 'nobody changes the status, which comes before the id',
    state: 'queued',
    token: ADMIN,
    sent: { 'x-image-meta-status': 'active', 'x-image-meta-id': 'x' },
    status: 403,
    explains: "Forbidden to modify 'status' of image.",
  },
  {
    title: 'nobody changes the id, which comes before the upload to an active image',
    state: 'active',
    token: ADMIN,
    sent: { ...OCTETS, 'x-image-meta-id': 'x' },
    data: 'data',
    status: 403,
    explains: "Forbidden to modify 'id' of image.",
  },
  {
    title: 'an upload to an active image comes before its source',
    state: 'active',
    sent: { ...OCTETS, 'x-image-meta-location': 'file:///x' },
    data: 'data',
    status: 409,
    details: 'Cannot upload to an unqueued image',
  },
  {
    title: 'set_image_location comes before the form of the location',
    state: 'queued',
    token: 'u:updates:nolocation',
    sent: { 'x-image-meta-location': '' },
    status: 403,
    details: '',
  },
  {
    title: 'the form of a source comes before the status of the image',
    state: 'active',
    sent: { 'x-glance-api-copy-from': 'file:///x' },
    status: 400,
    explains: "External sources are not supported: 'file:///x'",
  },
  {
    title: 'a location for an active image comes before the quota',
    state: 'active',
    sent: { ...THREE, 'x-image-meta-location': 'http://host/i', 'x-image-meta-size': '4' },
    status: 400,
    explains: 'Attempted to update Location field for an image not in queued status.',
  },
  { title: 'too many properties', state: 'active', sent: THREE, status: 413, explains: QUOTA },
  {
    title: 'a value out of range',
    state: 'active',
    sent: { 'x-image-meta-min_ram': '2147483648' },
    status: 400,
    explains: `Failed to update image metadata. Got error: ${quotedDetail(
      "Failed to update image metadata. Got error: 'min_ram' value out of range, must not exceed 2147483647.",
    )}`,
  },
  {
    title: 'two sources come before a bad type of the body; the image stays queued',
    state: 'queued',
    sent: { 'content-type': 'text/plain', 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' },
    data: 'data',
    status: 400,
    explains: "It's invalid to provide multiple image sources.",
  },
  {
    title: 'a store of no use; the image stays queued',
    state: 'queued',
    sent: { ...OCTETS, 'x-image-meta-store': 'bogus' },
    data: 'data',
    status: 400,
    explains: 'Store for scheme bogus not found',
  },
];

for (const { title, state, token = OWNER, sent = {}, data, explains, details, ...wanted } of CASES) {
  test(title, async (t) => {
    const id = await given(state);
    const request = { headers: sent, ...(data === undefined ? {} : { body: data }) };
    const texts = {
      ...(explains === undefined ? {} : { explains: explains.replace('ID', id) }),
      ...(details === undefined ? {} : { details: details.replace('ID', id) }),
    };
    const client = server.admin.as(token === '' ? undefined : token);
    await checkRow(t, client, { title, send: ['PUT', `/v1/images/${id}`, request], ...wanted, ...texts });
    t.is(await admin.statusOf(id), state === 'missing' ? 404 : state);
  });
}
