import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { ACCESS_KEY, S3Double, SECRET_KEY } from '../support/s3-double/s3-double.js';
import { ServerUnderTest } from '../support/server.js';
import { OCTETS, V1Client } from '../support/v1-client.js';
import { FORMATS, V2Client, verdict } from '../support/v2-client.js';

const MEBIBYTE = 1024 * 1024;
const BYTES = randomBytes(23 * MEBIBYTE);

interface Rig {
  readonly double: S3Double;
  readonly server: ServerUnderTest;
  readonly client: V2Client;
}

/** A server whose only store is an S3 service that may go away; fails the test when something is left there. */
async function withStore(body: (rig: Rig) => Promise<void>): Promise<void> {
  const double = await S3Double.start({ buckets: ['images'] });
  const server = await ServerUnderTest.start({
    glance_store: {
      stores: 's3',
      default_store: 's3',
      s3_store_host: double.url,
      s3_store_bucket: 'images',
      s3_store_access_key: ACCESS_KEY,
      s3_store_secret_key: SECRET_KEY,
      s3_store_large_object_size: 5,
      s3_store_large_object_chunk_size: 5,
    },
  });
  try {
    await body({ double, server, client: new V2Client(new V1Client(() => server.port)) });
    await server.stop();
  } finally {
    server.dispose();
    await double.halt();
  }
}

async function until(true_: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1500 && !true_(); tries += 1) await wait(20);
  if (!true_()) throw new Error('it never came to that');
}

test('the service stops in the middle of an upload: 503, the image is queued, and the next upload succeeds', (t) =>
  withStore(async ({ double, server, client }) => {
    const { id } = await client.create(FORMATS);
    const outgoing = request({
      host: '127.0.0.1',
      port: server.port,
      method: 'PUT',
      path: `/v2/images/${id}/file`,
      headers: { ...OCTETS, 'content-length': BYTES.length },
    });
    const answered = once(outgoing, 'response');
    outgoing.on('error', () => {});
    outgoing.write(BYTES.subarray(0, 12 * MEBIBYTE));
    await until(() => double.log.includes('UploadPart'));
    await double.halt();
    outgoing.end(BYTES.subarray(12 * MEBIBYTE));
    const [response] = await answered;
    t.is(response.statusCode, 503);
    const parts: Buffer[] = await response.toArray();
    t.regex(Buffer.concat(parts).toString(), /storage|store/i, 'a reason');
    t.notRegex(Buffer.concat(parts).toString(), /double|127\.0\.0\.1/, 'nothing of where it is');
    t.like(await client.show(id), { status: 'queued', size: null, checksum: null });

    await double.resume();
    t.is((await client.upload(id, { body: BYTES })).status, 204);
    t.true((await client.get(`/v2/images/${id}/file`)).body.equals(BYTES));
    await client.expect(204, 'DELETE', `/v2/images/${id}`);
    t.is(double.bucket('images').objects.size, 0);
    t.is(double.bucket('images').uploads.size, 0, 'nothing of the first try is left');
  }));

test('the service stops in the middle of a download, and comes back', (t) =>
  withStore(async ({ double, client }) => {
    const { id } = await client.create(FORMATS);
    await client.expect(204, 'PUT', `/v2/images/${id}/file`, { headers: OCTETS, body: BYTES });
    double.faults.add({ on: 'GetObject', fault: { kind: 'stall', after: 5 * MEBIBYTE }, times: 1 });
    const reading = t.throwsAsync(client.get(`/v2/images/${id}/file`), undefined, 'never a part for the whole');
    await until(() => double.log.includes('GetObject'));
    await double.halt();
    await reading;
    t.regex(verdict(await client.get(`/v2/images/${id}/file`)), /^503 /);
    await double.resume();
    t.true((await client.get(`/v2/images/${id}/file`)).body.equals(BYTES));
    t.is((await client.show(id)).status, 'active');
  }));
