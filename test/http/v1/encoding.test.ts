import { randomUUID } from 'node:crypto';
import test from 'ava';
import { exchange, request } from '../../support/raw-http.js';
import { imageOf, imagesOf } from '../../support/v1-client.js';
import { ADMIN, useServer } from '../../support/v1-server.js';

const server = useServer();
const { admin } = server;
const GLANCECLIENT = { 'user-agent': 'python-glanceclient' };

/** Names and values as the client's headers carry them, and as they are stored (image-api-v1 section 2.1). */
const PROPERTIES: readonly [header: string, value: string, key: string, stored: string | null][] = [
  ['Mixed-Case_Name', 'Value With Case', 'mixed_case_name', 'Value With Case'],
  ['dash-ed', '1', 'dash_ed', '1'],
  ['under_scored', '2', 'under_scored', '2'],
  ['a.b', 'dot', 'a.b', 'dot'],
  ['1st', 'digit', '1st', 'digit'],
  ['colon', 'a:b, c; d="e"', 'colon', 'a:b, c; d="e"'],
  ['empty', '', 'empty', null],
  ['', 'no key', '', 'no key'],
  ['name', 'not the name', 'name', 'not the name'],
  ['pad', '  spaces  ', 'pad', 'spaces'],
  ['city', 'Zürich – 東京', 'city', 'Zürich – 東京'],
  ['plus', 'a+b', 'plus', 'a+b'],
  ['percent', '100%20%C3%BC', 'percent', '100%20%C3%BC'],
  ['long', 'v'.repeat(4000), 'long', 'v'.repeat(4000)],
];
for (const [header, value, key, stored] of PROPERTIES) {
  test(`the property "${header}" with "${value.slice(0, 40)}"`, async (t) => {
    const { id, properties } = await admin.create({ [`x-image-meta-property-${header}`]: value });
    t.deepEqual(properties, { [key]: stored });
    const { headers } = await admin.send('HEAD', `/v1/images/${id}`);
    t.is(headers[`x-image-meta-property-${key}`], stored ?? undefined);
  });
}

/** Spellings of one header; answers always have underscores. */
for (const header of [
  'X-Image-Meta-Is-Public',
  'x-image-meta-is_public',
  'X-IMAGE-META-IS_public',
  'x_image_meta_is_public',
]) {
  test(`the field is_public, spelled ${header}`, async (t) => {
    const { id } = await admin.create({ [header]: 'True' });
    t.is((await admin.send('HEAD', `/v1/images/${id}`)).headers['x-image-meta-is_public'], 'True');
  });
}

test('a property named in UTF-8 comes and goes as it is', async (t) => {
  const name = 'x-image-meta-property-größe';
  const headers = { 'X-Auth-Token': ADMIN, [name]: 'groß' };
  const created = await exchange(server.running.port, request('POST', '/v1/images', headers));
  t.is(created?.status, 201);
  const { image }: { image: { id: string; properties: object } } = JSON.parse(String(created?.body));
  t.deepEqual(image.properties, { größe: 'groß' });
  const shown = await exchange(
    server.running.port,
    request('HEAD', `/v1/images/${image.id}`, { 'X-Auth-Token': ADMIN }),
    { head: true },
  );
  t.is(shown?.headers.get(name), 'groß');
});

test('a name in UTF-8 is found by a filter in UTF-8', async (t) => {
  const name = `Größe ${randomUUID()}`;
  const { id } = await admin.create({ 'x-image-meta-name': name, 'x-image-meta-property-stadt': 'Zürich' });
  for (const filter of [`name=${encodeURIComponent(name)}`, 'property-stadt=Z%C3%BCrich']) {
    const found = imagesOf(await admin.send('GET', `/v1/images?is_public=None&${filter}`));
    t.true(
      found.some((image) => image.id === id),
      filter,
    );
  }
});

test('255 characters are 255 characters, however many bytes', async (t) => {
  const name = 'ü'.repeat(255);
  t.is((await admin.create({ 'x-image-meta-name': name })).name, name);
  t.is((await admin.send('POST', '/v1/images', { headers: { 'x-image-meta-name': `${name}ü` } })).status, 400);
});

test('bytes that are no UTF-8 are taken for Latin-1', async (t) => {
  const head = `POST /v1/images HTTP/1.1\r\nHost: here\r\nX-Auth-Token: ${ADMIN}\r\nContent-Length: 0\r\nx-image-meta-name: `;
  const answer = await exchange(
    server.running.port,
    Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0x41]), Buffer.from('\r\n\r\n')]),
  );
  t.is(answer?.status, 201);
  t.regex(String(answer?.body), /"name": "ÿA"/);
});

/** What python-glanceclient percent-encodes is decoded for it alone. */
const ENCODED: readonly [title: string, client: Readonly<Record<string, string>>, sent: string, stored: string][] = [
  ['python-glanceclient', GLANCECLIENT, 'Ubuntu%2010.04%20%22Plain%22%20%C3%A9', 'Ubuntu 10.04 "Plain" é'],
  ['python-glanceclient', { 'user-agent': 'python-glanceclient/4.1' }, '100%25', '100%'],
  ['python-glanceclient, not encoded', GLANCECLIENT, '100% é', '100% é'],
  ['another client', { 'user-agent': 'curl/8.0' }, 'Ubuntu%2010.04', 'Ubuntu%2010.04'],
  ['another client of a like name', { 'user-agent': 'my-python-glanceclient' }, 'a%20b', 'a%20b'],
  ['no named client', {}, 'a%20b', 'a%20b'],
];
for (const [title, client, sent, stored] of ENCODED) {
  test(`a percent-encoded name "${sent}" of ${title}`, async (t) => {
    const headers = { ...client, 'x-image-meta-name': sent };
    const created = await admin.send('POST', '/v1/images', { headers });
    t.is(imageOf(created).name, stored);
    const put = await admin.send('PUT', `/v1/images/${imageOf(created).id}`, { headers });
    t.is(imageOf(put).name, stored);
    const { headers: shown } = await admin.send('HEAD', `/v1/images/${imageOf(put).id}`);
    t.is(shown['x-image-meta-name'], stored);
  });
}

test('python-glanceclient reads headers as Latin-1: one byte where UTF-8 has two', async (t) => {
  const { id } = await admin.create({ 'x-image-meta-name': 'é', 'x-image-meta-property-city': '東京' });
  const { headers } = await admin.send('HEAD', `/v1/images/${id}`, { headers: GLANCECLIENT });
  t.is(headers['x-image-meta-name'], '\ufffd');
  t.is(headers['x-image-meta-property-city'], '東京');
});

test('python-glanceclient encodes names of properties, too', async (t) => {
  const headers = { ...GLANCECLIENT, 'x-image-meta-property-gr%C3%B6%C3%9Fe': 'gro%C3%9F' };
  t.deepEqual(imageOf(await admin.send('POST', '/v1/images', { headers })).properties, { größe: 'groß' });
});

test('a decoded line break cannot end a header of an answer', async (t) => {
  const headers = { ...GLANCECLIENT, 'x-image-meta-name': 'a%0D%0Ax-injected:%20yes' };
  const { id, name } = imageOf(await admin.send('POST', '/v1/images', { headers }));
  t.is(name, 'a\r\nx-injected: yes');
  const { headers: shown } = await admin.send('HEAD', `/v1/images/${id}`);
  t.is(shown['x-injected'], undefined);
  t.is(shown['x-image-meta-name'], 'a%0D%0Ax-injected: yes');
});
