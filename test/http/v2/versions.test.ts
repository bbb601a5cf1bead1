import test from 'ava';
import { verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const both = useV2Server();
const older = useV2Server({
  DEFAULT: { public_endpoint: 'https://cloud.example/image' },
  glimpse: { api_version: '2.16' },
});

interface Entry {
  readonly id: string;
  readonly status: string;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
}

function entries(text: string): readonly Entry[] {
  const { versions }: { versions: Entry[] } = JSON.parse(text);
  return versions;
}

const OLD = ['v2.7', 'v2.6', 'v2.5', 'v2.4', 'v2.3', 'v2.2', 'v2.1', 'v2.0'];

test('without cache and several stores the newest version is 2.17, in its odd place; v1 comes last', async (t) => {
  const answer = await both.admin.get('/versions');
  const found = entries(answer.text);
  t.deepEqual(
    found.map(({ id }) => id),
    ['v2.15', 'v2.9', 'v2.17', ...OLD, 'v1.1', 'v1.0'],
  );
  t.deepEqual(
    new Map(found.map(({ id, status }) => [id, status])),
    new Map(found.map(({ id }) => [id, id === 'v2.17' ? 'CURRENT' : id.startsWith('v1') ? 'DEPRECATED' : 'SUPPORTED'])),
  );
  for (const { id, links } of found) {
    t.deepEqual(links, [
      { rel: 'self', href: `http://127.0.0.1:${both.running.port}/${id.startsWith('v1') ? 'v1' : 'v2'}/` },
    ]);
  }
});

/** Where the document is found, and with which status (image-api-v2 section 1.1). */
const PLACES: Readonly<Record<string, number>> = {
  '/': 300,
  '/versions': 200,
  '/versions/': 200,
  '/versions/more': 200,
  '/foo': 300,
  '/v3/images': 300,
  '/images': 300,
  '/v2.8/images': 300,
  '/v2.16/images': 300,
  '/v2.18/images': 300,
  '/v2.99': 300,
};
for (const [path, status] of Object.entries(PLACES)) {
  test(`the document at ${path}, for whoever asks`, async (t) => {
    const answer = await both.admin.as().get(path);
    t.is(answer.status, status);
    t.is(answer.headers['content-type'], 'application/json');
    t.is(answer.headers['x-openstack-request-id'], undefined);
    t.is(answer.text, (await both.admin.get('/versions')).text);
  });
}

test('every listed minor version answers alike', async (t) => {
  const ids = entries((await both.admin.get('/versions')).text).filter(({ id }) => id.startsWith('v2'));
  const wanted = await both.admin.get('/v2/images?limit=0');
  t.is(wanted.status, 200);
  for (const { id } of ids) {
    const answer = await both.admin.get(`/${id}/images?limit=0`);
    t.deepEqual([answer.status, answer.text], [200, wanted.text], id);
  }
});

test('the version alone leads to its slash, and there is nothing', async (t) => {
  const bare = await both.admin.get('/v2');
  t.is(bare.status, 302);
  t.is(bare.headers.location, `http://127.0.0.1:${both.running.port}/v2/`);
  t.is(bare.text, '');
  t.is(verdict(await both.admin.get('/v2/')), '404 The resource could not be found.');
});

test('a media type tells the version where the path does not', async (t) => {
  for (const version of ['v2', 'v2.9', 'v2.17']) {
    const answer = await both.admin.get('/images?limit=0', {
      accept: `application/vnd.openstack.images-${version}`,
    });
    t.is(answer.status, 200, version);
    t.is(answer.text, (await both.admin.get('/v2/images?limit=0')).text);
  }
  t.is((await both.admin.get('/images', { accept: 'application/vnd.openstack.images-v2.16' })).status, 300);
});

test('an older version is the newest of what is configured, and v2 alone is, under the public address', async (t) => {
  const found = entries((await older.admin.get('/versions')).text);
  t.true(found.every(({ id }) => id.startsWith('v2.')));
  t.deepEqual(
    found.filter(({ status }) => status === 'CURRENT').map(({ id }) => id),
    ['v2.15'],
  );
  t.deepEqual(
    [...new Set(found.flatMap(({ links }) => links.map(({ href }) => href)))],
    ['https://cloud.example/image/v2/'],
  );
});
