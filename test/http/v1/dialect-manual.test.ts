import test from 'ava';
import { type FakeSource, sourceBytes, startFakeSource } from '../../support/fake-source.js';
import { checkAnswer } from '../../support/v1-answer.js';
import { FORMATS, imageOf, imagesOf, OCTETS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

let source: FakeSource;
/** The dialect of the API's first manual: every row of docs/v1-dialects.md. */
const server = useServer(
  {
    glimpse: { auto_migrate: true, v1_dialect: 'manual' },
    import_filtering_opts: { allowed_hosts: '[127.0.0.1]', allowed_ports: '[]' },
  },
  {
    async prepare() {
      source = await startFakeSource();
    },
  },
);
const { admin } = server;
test.after.always('the source closes', () => source?.close());

const NAME = { 'x-image-meta-name': 'manual' };
const uri = (id: string): string => `http://127.0.0.1:${server.running.port}/images/${id}`;

test('paths without a version: the list, the details, and an image by GET, HEAD, PUT and DELETE', async (t) => {
  const created = await admin.send('POST', '/images', { headers: { ...NAME, ...FORMATS } });
  checkAnswer(t, created, { status: 201 });
  const { id } = imageOf(created);
  t.is((await admin.send('GET', '/images')).status, 200);
  t.is((await admin.send('GET', '/images/detail')).status, 200);
  const upload = await admin.send('PUT', `/images/${id}`, { headers: OCTETS, body: 'data' });
  checkAnswer(t, upload, { status: 200, image: { status: 'active' } });
  checkAnswer(t, await admin.send('GET', `/images/${id}`), { status: 200, body: 'data' });
  t.is((await admin.send('HEAD', `/images/${id}`)).headers['x-image-meta-size'], '4');
  t.is((await admin.send('DELETE', `/images/${id}`)).status, 200);
  t.is((await admin.send('GET', '/other')).status, 300);
});

test('paths with a version stay', async (t) => {
  t.is((await admin.send('GET', '/v1/images')).status, 200);
  t.is((await admin.send('GET', '/versions')).status, 200);
});

test('a slash at the end of a path changes nothing', async (t) => {
  for (const root of ['', '/v1']) {
    const created = await admin.send('POST', `${root}/images/`, { headers: NAME });
    checkAnswer(t, created, { status: 201 });
    const path = `${root}/images/${imageOf(created).id}/`;
    t.is((await admin.send('GET', `${root}/images/`)).status, 200);
    t.is((await admin.send('GET', `${root}/images/detail/`)).status, 200);
    t.is((await admin.send('HEAD', path)).status, 200);
    t.is((await admin.send('PUT', path, { headers: NAME })).status, 200);
    t.is((await admin.send('DELETE', path)).status, 200);
  }
});

test('an index has uri beside its six keys', async (t) => {
  const { id } = await admin.create({ 'x-image-meta-name': 'indexed' });
  const images: readonly object[] = imagesOf(await admin.send('GET', '/images?is_public=None&name=indexed'));
  t.deepEqual(images, [
    { uri: uri(id), id, name: 'indexed', size: 0, disk_format: null, container_format: null, checksum: null },
  ]);
});

/** Where an image says that its bytes are. */
async function locationOf(id: string): Promise<{ readonly detail: unknown; readonly head: string | undefined }> {
  const images = imagesOf(await admin.send('GET', '/images/detail?is_public=None&limit=1000'));
  const found = new Map<string, unknown>(Object.entries(images.find((image) => image.id === id) ?? {}));
  const { headers } = await admin.send('HEAD', `/images/${id}`);
  if (found.get('uri') !== uri(id) || headers['x-image-meta-uri'] !== uri(id)) throw new Error('no uri');
  return { detail: found.get('location'), head: headers['x-image-meta-location'] };
}

test('details and headers have uri and location', async (t) => {
  const stored = await admin.create(NAME, 'data');
  const file = `file://${server.running.images}/${stored.id}`;
  t.deepEqual(await locationOf(stored.id), { detail: file, head: file });
  const reserved = await admin.create(NAME);
  t.deepEqual(await locationOf(reserved.id), { detail: null, head: '' });
});

test('credentials are taken out of a location', async (t) => {
  const address = `${source.url}/bytes/5`.replace('//', '//user:secret@');
  const { id } = await admin.create({ ...NAME, ...FORMATS, 'x-image-meta-location': address });
  t.deepEqual(await locationOf(id), { detail: `${source.url}/bytes/5`, head: `${source.url}/bytes/5` });
  t.true((await admin.send('GET', `/images/${id}`)).body.equals(sourceBytes(5)));
});

test('what is null is a header with an empty value', async (t) => {
  const { id } = await admin.create({ ...NAME, 'x-image-meta-property-empty': '' });
  for (const method of ['HEAD', 'GET']) {
    if (method === 'GET') await admin.send('PUT', `/images/${id}`, { headers: { ...FORMATS, ...OCTETS }, chunks: [] });
    const { headers } = await admin.send(method, `/images/${id}`);
    for (const field of ['owner', 'virtual_size', 'deleted_at', 'property-empty']) {
      t.is(headers[`x-image-meta-${field}`], '', `${method} ${field}`);
    }
  }
});

test('the answer to PUT has the image in its headers, too', async (t) => {
  const { id } = await admin.create({ ...NAME, 'x-image-meta-property-a': '1' });
  const headers = { 'x-image-meta-name': 'renamed', 'x-image-meta-property-a': '2' };
  const answer = await admin.send('PUT', `/images/${id}`, { headers });
  checkAnswer(t, answer, {
    status: 200,
    image: { name: 'renamed', properties: { a: '2' } },
    headers: {
      'x-image-meta-uri': uri(id),
      'x-image-meta-id': id,
      'x-image-meta-name': 'renamed',
      'x-image-meta-owner': '',
      'x-image-meta-property-a': '2',
    },
  });
});

test('punctuation in the names of properties becomes underscores', async (t) => {
  const { id, properties } = await admin.create({
    ...NAME,
    'x-image-meta-property-os.version+arch': '1',
    'x-image-meta-property-dash-ed_too': '2',
  });
  t.deepEqual(properties, { os_version_arch: '1', dash_ed_too: '2' });
  const { headers } = await admin.send('HEAD', `/images/${id}`);
  t.is(headers['x-image-meta-property-os_version_arch'], '1');
});

test('a POST needs a name, a PUT does not', async (t) => {
  for (const headers of [{}, { 'x-image-meta-name': '' }]) {
    const answer = await admin.send('POST', '/images', { headers });
    checkAnswer(t, answer, { status: 400, explains: 'x-image-meta-name is required.' });
  }
  const { id } = await admin.create(NAME);
  t.is((await admin.send('PUT', `/images/${id}`)).status, 200);
});

test('a store that is not configured is refused on PUT, too', async (t) => {
  const { id } = await admin.create(NAME);
  const headers = { 'x-image-meta-store': 'bogus', 'x-image-meta-name': 'stored' };
  const refused = { status: 400, explains: 'Required store bogus is invalid' };
  checkAnswer(t, await admin.send('POST', '/images', { headers }), refused);
  checkAnswer(t, await admin.send('PUT', `/images/${id}`, { headers }), refused);
  const known = { headers: { ...headers, 'x-image-meta-store': 'file' } };
  t.is((await admin.send('PUT', `/images/${id}`, known)).status, 200);
});

test('the Location of a new image has no version', async (t) => {
  for (const path of ['/images', '/v1/images']) {
    const answer = await admin.send('POST', path, { headers: NAME });
    checkAnswer(t, answer, { status: 201, headers: { location: uri(imageOf(answer).id) } });
  }
});
