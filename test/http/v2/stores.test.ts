import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { webServer } from '../../suites/store-web-server.js';
import { OCTETS } from '../../support/v1-client.js';
import { DRAFT_10, FORMATS, imageOf, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { running, admin, member } = servers();
const owner = member('stores');

/** Stores by weight, from light to heavy; the folders lie below the one that the test looks through for leftovers. */
function servers() {
  const server = useV2Server({
    DEFAULT: {
      enabled_backends: 'light:file,heavy:file,web:http',
      show_multiple_locations: true,
      show_image_direct_url: true,
      do_secure_hash: false,
    },
    glance_store: { default_backend: 'light' },
    light: { filesystem_store_datadir: 'images/light', store_description: 'the usual one' },
    heavy: { filesystem_store_datadir: 'images/heavy', weight: 10 },
    import_filtering_opts: { allowed_hosts: '127.0.0.1', allowed_ports: '' },
  });
  return { running: () => server.running, admin: server.admin, member: server.member };
}

const inStore = (store: string) => ({ headers: { ...OCTETS, 'x-image-meta-store': store }, body: 'data' });

/** An image of four bytes in a store. */
async function stored(store: string): Promise<string> {
  const { id } = await owner.create(FORMATS);
  await owner.expect(204, 'PUT', `/v2/images/${id}/file`, inStore(store));
  return id;
}

/** A second home for an image's bytes: a web server's file. */
const locate = (id: string, url: string) =>
  admin.patch(id, [{ op: 'add', path: '/locations/-', value: { url, metadata: {} } }], DRAFT_10);

test('stores are listed, with what only administrators may know of them apart', async (t) => {
  const plain = [
    { id: 'light', description: 'the usual one', default: 'true' },
    { id: 'heavy' },
    { id: 'web', 'read-only': 'true' },
  ];
  t.deepEqual(JSON.parse((await owner.get('/v2/info/stores')).text), { stores: plain });
  const details: { stores: object[] } = JSON.parse((await admin.get('/v2/info/stores/detail')).text);
  t.like(details.stores[1], {
    id: 'heavy',
    type: 'file',
    weight: 10,
    properties: { data_dir: join(running().images, 'heavy'), chunk_size: 65536, thin_provisioning: false },
  });
  t.like(details.stores[2], { id: 'web', type: 'http', properties: {} });
  t.is(
    verdict(await owner.get('/v2/info/stores/detail')),
    '403 You are not authorized to complete stores_info_detail action.',
  );
});

test('a new image is told where it may go', async (t) => {
  const answer = await owner.send('POST', '/v2/images', { json: {} });
  t.is(answer.headers['openstack-image-store-ids'], 'light,heavy,web');
  t.false('stores' in imageOf(answer));
});

test('an upload goes to the default store, or to the one that it names', async (t) => {
  const { id } = await owner.create(FORMATS, 'data');
  t.is((await owner.show(id)).stores, 'light');
  const named = await stored('heavy');
  const image = await owner.show(named);
  t.is(image.stores, 'heavy');
  t.deepEqual(image.locations, [{ url: `file://${running().images}/heavy/${named}`, metadata: { store: 'heavy' } }]);
  t.true(existsSync(join(running().images, 'heavy', named)));
  await owner.expect(204, 'DELETE', `/v2/images/${named}`);
  t.false(existsSync(join(running().images, 'heavy', named)));
});

for (const [store, expected] of [
  ['nope', '400 Store for identifier nope not found'],
  ['', '400 Store for identifier not found'],
  ['file', '400 Store for identifier file not found'],
  ['web', '400 Store web is read-only: it takes no uploads.'],
] as const) {
  test(`an upload to the store '${store}' is refused, and the image waits for another`, async (t) => {
    const { id } = await owner.create(FORMATS);
    t.is(verdict(await owner.upload(id, inStore(store))), expected);
    t.is((await owner.show(id)).status, 'queued');
  });
}

test('bytes are taken out of one store and stay in the others', async (t) => {
  const origin = await webServer((_, response) => response.writeHead(200, { 'content-length': 4 }).end('data'));
  try {
    const id = await stored('light');
    t.is((await locate(id, `${origin.url}/image`)).status, 200);
    t.is((await owner.show(id)).stores, 'light,web');
    const remove = (store: string, who = admin) => who.send('DELETE', `/v2/stores/${store}/${id}`).then(verdict);
    t.is(await remove('nope'), '409 The selected store nope is not available on this node.');
    t.is(await remove('heavy'), `404 Image ${id} is not stored in store heavy.`);
    t.is(await remove('light', owner), '403 You are not authorized to complete delete_image_location action.');
    t.is(await remove('light', member()), `404 Failed to find image ${id}`);
    t.is(await remove('light'), '204');
    t.false(existsSync(join(running().images, 'light', id)));
    t.is((await owner.show(id)).stores, 'web');
    t.is((await owner.get(`/v2/images/${id}/file`)).text, 'data');
    t.is(
      await remove('web'),
      '403 Cannot delete image data from the only store containing it. Consider deleting the image instead.',
    );
  } finally {
    await origin.close();
  }
});

test('an image that is not active keeps its bytes where they are', async (t) => {
  const { id } = await owner.create(FORMATS);
  const answer = await admin.send('DELETE', `/v2/stores/light/${id}`);
  t.is(verdict(answer), "409 It's not allowed to remove image data from store if image status is not 'active'");
});

test('reading begins in the heaviest store or in the preferred one, and goes on with the next', async (t) => {
  const asked: string[] = [];
  const origin = await webServer((request, response) => {
    if (request.method === 'GET') asked.push('web');
    response.writeHead(200, { 'content-length': 4 }).end(request.method === 'GET' ? 'data' : undefined);
  });
  try {
    const id = await stored('heavy');
    await locate(id, `${origin.url}/image`);
    const read = async (query: string) => {
      asked.length = 0;
      const answer = await owner.get(`/v2/images/${id}/file${query}`);
      return `${verdict(answer)} ${answer.status === 200 ? answer.text : ''} ${asked.length}`;
    };
    t.is(await read(''), '200 data 0');
    t.is(await read('?prefer=web'), '200 data 1');
    t.is(await read('?prefer=light,%20web'), '200 data 1');
    t.is(await read('?prefer=web,nope'), "400 Store 'nope' is not configured.  0");
    t.is(await read('?prefer='), "400 Store '' is not configured.  0");
    await origin.close();
    t.is(await read('?prefer=web'), '200 data 0');
  } finally {
    await origin.close();
  }
});

test('API v1 takes a store by its id as well', async (t) => {
  const headers = {
    'x-image-meta-name': 'v1',
    'x-image-meta-disk_format': 'raw',
    'x-image-meta-container_format': 'bare',
    'x-image-meta-store': 'heavy',
    ...OCTETS,
  };
  const answer = await owner.send('POST', '/v1/images', { headers, body: 'data' });
  const { image }: { image: { id: string } } = JSON.parse(answer.text);
  t.is((await owner.show(image.id)).stores, 'heavy');
});

test('every minor version of several stores is there', async (t) => {
  const versions: { versions: { id: string }[] } = JSON.parse((await owner.get('/versions')).text);
  t.true(versions.versions.some(({ id }) => id === 'v2.13'));
  t.is((await owner.get('/v2.8/info/stores')).status, 200);
});
