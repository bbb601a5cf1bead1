import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { DELIVERIES, type Delivery } from '../../src/domain/location.js';
import { type ChangingOrigin, changingOrigin } from '../support/changing-origin.js';
import { ServerUnderTest } from '../support/server.js';
import { V1Client } from '../support/v1-client.js';
import { DRAFT_10, FORMATS, V2Client, verdict } from '../support/v2-client.js';

const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest('hex');

interface Rig {
  readonly server: ServerUnderTest;
  readonly client: V2Client;
  readonly origin: ChangingOrigin;
}

/** The ways to make a URL an image's data; each gives the image's id once the server has recorded what is there. */
const REGISTRATIONS: Readonly<Record<string, (rig: Rig) => Promise<string>>> = {
  async 'API v1'({ client, origin }) {
    const headers = {
      'x-image-meta-name': 'external',
      'x-image-meta-disk_format': 'raw',
      'x-image-meta-container_format': 'bare',
      'x-image-meta-location': origin.url,
    };
    const answer = await client.expect(201, 'POST', '/v1/images', { headers });
    const { image }: { image: { id: string } } = JSON.parse(answer.text);
    return image.id;
  },
  async 'PATCH of API v2'({ client, origin }) {
    const { id } = await client.create(FORMATS);
    const json = [{ op: 'add', path: '/locations/-', value: { url: origin.url, metadata: {} } }];
    await client.expect(200, 'PATCH', `/v2/images/${id}`, { headers: DRAFT_10, json });
    return id;
  },
  async 'the Location API'({ client, origin }) {
    const { id } = await client.create(FORMATS);
    await client.expect(202, 'POST', `/v2/images/${id}/locations`, { json: { url: origin.url } });
    return id;
  },
};

/** Resolves when the reading in the background has been written down. */
async function untilRecorded(server: ServerUnderTest, id: string): Promise<void> {
  const database = new Database(join(server.folder, 'images.sqlite'), { readonly: true });
  try {
    const query = database.prepare(
      "SELECT json_extract(external, '$.digest') AS digest FROM image_locations WHERE image_id = ?",
    );
    for (let tries = 0; tries < 500; tries += 1) {
      const row: unknown = query.get(id);
      if (typeof row === 'object' && row !== null && 'digest' in row && row.digest !== null) return;
      await wait(20);
    }
    throw new Error('the location was never recorded');
  } finally {
    database.close();
  }
}

const read = ({ client }: Rig, id: string, headers = {}) => client.get(`/v2/images/${id}/file`, headers);

/** What each delivery must do with an origin that is there, away, and changed. */
const EXPECTATIONS: Readonly<Record<Delivery, (t: ExecutionContext, rig: Rig, id: string) => Promise<void>>> = {
  async proxy(t, rig, id) {
    const { origin, client } = rig;
    const { bytes } = origin;
    t.true((await read(rig, id)).body.equals(bytes));
    t.true((await read(rig, id, { range: 'bytes=10-19' })).body.equals(bytes.subarray(10, 20)));
    t.true((await client.get(`/v1/images/${id}`)).body.equals(bytes));
    origin.away = true;
    t.regex(verdict(await read(rig, id)), /^503 /);
    origin.away = false;
    t.true((await read(rig, id)).body.equals(bytes), 'back again');
    origin.bytes = randomBytes(bytes.length);
    await t.throwsAsync(read(rig, id), undefined, 'a failed transfer, for the bytes are others');
    t.regex(verdict(await read(rig, id)), /^503 .*changed since it was registered/);
  },
  async cache(t, rig, id) {
    const { origin, client } = rig;
    const { bytes } = origin;
    const asked = origin.gets();
    const readings = await Promise.all([read(rig, id), read(rig, id), read(rig, id)]);
    t.true(readings.every(({ body }) => body.equals(bytes)));
    t.is(origin.gets(), asked + 1, 'one fetch for many readers');
    origin.bytes = randomBytes(bytes.length);
    t.true((await read(rig, id)).body.equals(bytes), 'what is kept is what was registered');
    origin.away = true;
    t.true((await read(rig, id, { range: 'bytes=-7' })).body.equals(bytes.subarray(-7)));
    t.true((await client.get(`/v1/images/${id}`)).body.equals(bytes));
    t.is(origin.gets(), asked + 1);
  },
  async redirect(t, rig, id) {
    const { origin, client } = rig;
    const asked = origin.gets();
    for (const path of [`/v2/images/${id}/file`, `/v1/images/${id}`]) {
      const answer = await client.get(path);
      t.is(answer.status, 302, path);
      t.is(answer.headers.location, origin.url);
      t.is(answer.body.length, 0);
    }
    const image = await client.show(id);
    if (image.os_hash_value !== null) {
      const { headers } = await read(rig, id);
      t.is(headers['x-image-sha512'], sha512(origin.bytes));
      t.is(headers['repr-digest'], `sha-512=:${createHash('sha512').update(origin.bytes).digest('base64')}:`);
    }
    origin.away = true;
    t.is((await read(rig, id)).status, 302, "the origin is the reader's to reach");
    t.is(origin.gets(), asked);
  },
};

for (const glimpse of [
  { location_delivery: 'cache' },
  { location_delivery_networks: '10.0.0.0/8=proxy,::/0=cache', location_cache_dir: '' },
]) {
  test(`a cache without a folder is no way to deliver: ${JSON.stringify(glimpse)}`, async (t) => {
    await t.throwsAsync(ServerUnderTest.start({ glimpse }), { message: /location_cache_dir: .*no folder is named/ });
  });
}

for (const delivery of DELIVERIES) {
  for (const [way, register] of Object.entries(REGISTRATIONS)) {
    test(`an image registered through ${way}, by ${delivery}`, async (t) => {
      const origin = await changingOrigin(randomBytes(300_000));
      const server = await ServerUnderTest.start({
        DEFAULT: { show_multiple_locations: true },
        import_filtering_opts: { allowed_hosts: '127.0.0.1', allowed_ports: '' },
        glimpse: {
          auto_migrate: true,
          location_delivery: delivery,
          location_cache_dir: 'copies',
          redirect_with_token: true,
        },
      });
      const rig = { server, origin, client: new V2Client(new V1Client(() => server.port)) };
      try {
        const id = await register(rig);
        await untilRecorded(server, id);
        await EXPECTATIONS[delivery](t, rig, id);
        await rig.client.expect(204, 'DELETE', `/v2/images/${id}`);
        t.is(origin.web.requests.filter(({ method }) => method === 'DELETE').length, 0);
        t.deepEqual(await readdir(join(server.folder, 'copies', 'whole')), [], 'the copy went with the image');
        await server.stop();
      } finally {
        await origin.close();
        server.dispose();
      }
    });
  }
}
