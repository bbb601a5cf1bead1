import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { RawConnection, request } from '../../support/raw-http.js';
import { checkAnswer } from '../../support/v1-answer.js';
import { FORMATS, imagesOf, OCTETS } from '../../support/v1-client.js';
import { ADMIN, useServer } from '../../support/v1-server.js';

const server = useServer();
const { admin } = server;
const PATIENCE_MS = 15_000;

/** Waits until the image has the status. */
async function until(t: ExecutionContext, id: string, status: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let found = await admin.statusOf(id);
  while (found !== status && Date.now() < deadline) {
    await sleep(10);
    found = await admin.statusOf(id);
  }
  t.is(found, status);
}

/** An upload of 8 bytes that has sent 4 of them; the image is being saved. */
async function halfUploaded(t: ExecutionContext): Promise<{ id: string; connection: RawConnection }> {
  const { id } = await admin.create(FORMATS);
  const connection = await RawConnection.open(server.running.port);
  t.teardown(() => connection.close());
  const head = request('PUT', `/v1/images/${id}`, { 'X-Auth-Token': ADMIN, ...OCTETS, 'Content-Length': '8' });
  await connection.send(Buffer.concat([head, Buffer.from('half')]));
  await until(t, id, 'saving');
  return { id, connection };
}

function withoutFile(id: string): boolean {
  return !server.running.storedFiles().some((name) => name.includes(id));
}

test('queued, saving, active: the data can be read in the last alone', async (t) => {
  const { id, connection } = await halfUploaded(t);
  const early = await admin.send('GET', `/v1/images/${id}`);
  checkAnswer(t, early, { status: 404, details: `Image ${id} is not active` });
  const again = await admin.send('PUT', `/v1/images/${id}`, { headers: OCTETS, body: 'data' });
  checkAnswer(t, again, { status: 409, details: 'Cannot upload to an unqueued image' });
  await connection.send('half');
  t.is((await connection.answer())?.status, 200);
  t.is(await admin.statusOf(id), 'active');
  checkAnswer(t, await admin.send('GET', `/v1/images/${id}`), { status: 200, body: 'halfhalf' });
});

test('a name may change while the data comes', async (t) => {
  const { id, connection } = await halfUploaded(t);
  const rename = await admin.send('PUT', `/v1/images/${id}`, { headers: { 'x-image-meta-name': 'renamed' } });
  checkAnswer(t, rename, { status: 200, image: { status: 'saving', name: 'renamed' } });
  await connection.send('half');
  const answer = await connection.answer();
  t.is(answer?.status, 200);
  t.regex(String(answer?.body), /"name": "renamed"/);
});

test('a client that leaves during its upload kills the image', async (t) => {
  const { id, connection } = await halfUploaded(t);
  connection.close();
  await until(t, id, 'killed');
  t.true(withoutFile(id));
});

test('a client that ends the connection too early is told, where it still listens', async (t) => {
  const { id, connection } = await halfUploaded(t);
  connection.end();
  const answer = await connection.answer();
  t.true(answer === undefined || answer.status === 400);
  await until(t, id, 'killed');
  t.true(withoutFile(id));
});

test('an image that is deleted during its upload stays deleted', async (t) => {
  const { id, connection } = await halfUploaded(t);
  t.is((await admin.send('DELETE', `/v1/images/${id}`)).status, 200);
  await connection.send('half');
  const answer = await connection.answer();
  t.is(answer?.status, 412);
  const text = `Image ${id} could not be found after upload. The image may have been deleted during the upload.`;
  t.true(answer?.body.includes(text));
  t.is(await admin.statusOf(id), 'deleted');
  t.true(withoutFile(id));
});

test('of many uploads to one image one wins, the others are refused', async (t) => {
  const { id } = await admin.create(FORMATS);
  const bodies = Array.from({ length: 6 }, (_, index) => `body ${index}`);
  const answers = await Promise.all(
    bodies.map((body) => admin.send('PUT', `/v1/images/${id}`, { headers: OCTETS, body })),
  );
  const winners = bodies.filter((_, index) => answers[index]?.status === 200);
  t.is(winners.length, 1);
  t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 409]);
  checkAnswer(t, await admin.send('GET', `/v1/images/${id}`), { status: 200, body: winners[0] ?? '' });
});

test('a killed image: not listed, shown by HEAD, without data, beyond upload, and to be deleted', async (t) => {
  const id = randomUUID();
  const headers = { ...FORMATS, ...OCTETS, 'x-image-meta-id': id, 'x-image-meta-name': id, 'x-image-meta-size': '9' };
  t.is((await admin.send('POST', '/v1/images', { headers, body: 'data' })).status, 400);
  const everything = `/v1/images?is_public=None&name=${id}`;
  t.deepEqual(imagesOf(await admin.send('GET', everything)), []);
  t.is(imagesOf(await admin.send('GET', `${everything}&changes-since=2001-01-01`)).length, 1);
  t.deepEqual(imagesOf(await admin.send('GET', `${everything}&status=killed`)), []);
  t.is(await admin.statusOf(id), 'killed');
  checkAnswer(t, await admin.send('GET', `/v1/images/${id}`), { status: 404, details: `Image ${id} is not active` });
  const upload = await admin.send('PUT', `/v1/images/${id}`, { headers: OCTETS, body: 'data' });
  checkAnswer(t, upload, { status: 409, details: 'Cannot upload to an unqueued image' });
  checkAnswer(t, await admin.send('DELETE', `/v1/images/${id}`), { status: 200, body: '' });
  t.is(await admin.statusOf(id), 'deleted');
});

test('an image without formats is uploaded once it has them', async (t) => {
  const { id } = await admin.create();
  const upload = (headers: Readonly<Record<string, string>>) =>
    admin.send('PUT', `/v1/images/${id}`, { headers: { ...OCTETS, ...headers }, body: 'data' });
  checkAnswer(t, await upload({}), { status: 400, explains: 'Disk format is not specified.' });
  const half = { 'x-image-meta-disk_format': 'raw' };
  checkAnswer(t, await upload(half), { status: 400, explains: 'Container format is not specified.' });
  t.is(await admin.statusOf(id), 'queued');
  checkAnswer(t, await upload(FORMATS), { status: 200, image: { status: 'active' } });
});
