import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { RawConnection, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';
import { OCTETS, V1Client } from '../support/v1-client.js';
import { FORMATS, V2Client } from '../support/v2-client.js';

const PASTE = fileURLToPath(new URL('../../../test/support/proxied-paste.ini', import.meta.url));
const PATIENCE_MS = 60_000;
/** So slow that nothing is refilled while a test runs. */
const NEVER = 1_000_000_000;

async function start(t: ExecutionContext, limits: Readonly<Record<string, number>>) {
  const server = await ServerUnderTest.start({
    DEFAULT: { allow_anonymous_access: true },
    paste_deploy: { config_file: PASTE },
    oslo_middleware: { enable_proxy_headers_parsing: true },
    glimpse: { audit_log: 'audit.log', ...limits },
  });
  t.teardown(() => server.dispose());
  const clients = new V2Client(new V1Client(() => server.port));
  return {
    server,
    clients,
    admin: clients.as('boss:p:admin'),
    of: (project: string) => clients.as(`u:${project}:member`),
  };
}

test('too many requests of one project: 429 in the form that the client takes, when to come back, and others go on', async (t) => {
  const { server, admin, of, clients } = await start(t, {
    project_requests_per_second: 0.001,
    project_requests_burst: 3,
  });
  for (let n = 0; n < 3; n++) await of('p').expect(200, 'GET', '/v2/images');
  const plain = await of('p').expect(429, 'GET', '/v2/images', { headers: { accept: 'text/plain' } });
  const seconds = Number(plain.headers['retry-after']);
  t.true(Number.isInteger(seconds) && seconds > 900 && seconds <= 1000, `Retry-After: ${seconds}`);
  t.regex(plain.headers['x-openstack-request-id'] ?? '', /^req-/);
  t.regex(plain.text, /^429 Too Many Requests\n\nToo many requests of one project\. Try again in \d+ seconds\./);
  const json = await of('p').expect(429, 'GET', '/v1/images', { headers: { accept: 'application/json' } });
  const { code, title, message }: { code: string; title: string; message: string } = JSON.parse(json.text);
  t.deepEqual([code, title], ['429 Too Many Requests', 'Too Many Requests']);
  t.regex(message, /^Too many requests of one project/);
  const html = await of('p').expect(429, 'GET', '/v2/images', { headers: { accept: 'text/html' } });
  t.regex(html.text, /<h1>429 Too Many Requests<\/h1>/);

  await of('q').expect(200, 'GET', '/v2/images');
  for (let n = 0; n < 5; n++) await admin.expect(200, 'GET', '/v2/images');
  for (let n = 0; n < 5; n++) await of('p').expect(300, 'GET', '/');
  const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
  for (let n = 0; n < 3; n++) await clients.expect(200, 'GET', '/v1/images', from(`2001:db8::${n}`));
  await clients.expect(429, 'GET', '/v1/images', from('2001:DB8:0:0:ffff::1'));
  await clients.expect(200, 'GET', '/v1/images', from('2001:db8:0:1::1'));
  await clients.expect(200, 'GET', '/v1/images', from('203.0.113.5'));
  await server.stop();
  const audited = readFileSync(join(server.folder, 'audit.log'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  t.deepEqual(
    audited.map(({ status, result, reason }) => `${status} ${result} ${reason}`),
    Array(4).fill('429 refused limit'),
  );
});

test('uploads at the same time: refused before their body is read, on a connection that goes on', async (t) => {
  const { server, of } = await start(t, { project_concurrent_uploads: 1 });
  const member = of('p');
  const image = await member.create(FORMATS);
  const other = await member.create(FORMATS);
  const headers = { 'X-Auth-Token': 'u:p:member', ...OCTETS, 'Content-Length': '1000' };
  const slow = await RawConnection.open(server.port);
  await slow.send(request('PUT', `/v2/images/${image.id}/file`, headers));
  await slow.send('x'.repeat(500));
  for (const end = Date.now() + PATIENCE_MS; (await member.show(image.id)).status !== 'saving'; await sleep(10)) {
    if (Date.now() > end) throw new Error('the upload did not begin');
  }

  const body = Buffer.alloc(3_000_000, 'y');
  const target = `/v2/images/${other.id}/file`;
  const identity = { 'X-Auth-Token': 'u:p:member', ...OCTETS };
  const again = await RawConnection.open(server.port);
  for (const _ of [1, 2]) {
    await again.send(request('PUT', target, identity, body));
    const answer = await again.answer();
    t.deepEqual([answer?.status, answer?.headers.get('retry-after')], [429, '10']);
  }
  await again.send(request('GET', `/v2/images/${other.id}`, { 'X-Auth-Token': 'u:p:member' }));
  t.is((await again.answer())?.status, 200, 'the same connection, after two bodies that nobody wanted');
  again.close();
  const waiting = await RawConnection.open(server.port);
  await waiting.send(request('PUT', target, { ...identity, 'Content-Length': '1000', Expect: '100-continue' }));
  const early = await waiting.answer();
  t.deepEqual([early?.status, early?.continued, early?.headers.get('connection')], [429, false, 'close']);
  waiting.close();
  t.is(
    (await member.v1.send('POST', '/v1/images', { headers: OCTETS, body: 'data' })).status,
    429,
    'both APIs together',
  );
  t.is((await of('q').v1.create({}, 'data')).status, 'active', 'another project');

  await slow.send('x'.repeat(500));
  t.is((await slow.answer())?.status, 204);
  slow.close();
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(10)) {
    const { status } = await member.upload(other.id, { body: 'y' });
    if (status === 204) break;
    t.is(status, 429);
    if (Date.now() > end) throw new Error('the end of the upload made no room');
  }
  await server.stop();
});

test('bytes: what is under way gets to its end, what follows waits', async (t) => {
  const { server, of } = await start(t, {
    project_upload_bytes: 5000,
    project_download_bytes: 100_000,
    project_bytes_period: NEVER,
  });
  const member = of('p');
  const ids = await Promise.all([1, 2, 3].map(async () => (await member.create(FORMATS)).id));
  const [first = '', second = '', third = ''] = ids;
  t.is((await member.upload(first, { body: Buffer.alloc(4000) })).status, 204);
  t.is(
    (await member.upload(second, { chunks: [Buffer.alloc(100_000), Buffer.alloc(50_000)] })).status,
    204,
    'within, when it began',
  );
  const refused = await member.upload(third, { body: 'z' });
  t.is(refused.status, 429);
  t.true(Number(refused.headers['retry-after']) > 1_000_000);
  t.regex(refused.text, /One project has uploaded too many bytes/);
  t.is((await of('q').v1.create({}, Buffer.alloc(1000))).status, 'active', 'another project');

  t.is((await member.expect(200, 'GET', `/v2/images/${second}/file`)).body.length, 150_000);
  const end = Date.now() + PATIENCE_MS;
  while ((await member.get(`/v2/images/${first}/file`)).status !== 429)
    if (Date.now() > end) throw new Error('never refused');
  await member.expect(429, 'GET', `/v1/images/${first}`);
  await member.expect(200, 'GET', `/v2/images/${first}`);
  await member.expect(204, 'DELETE', `/v2/images/${third}`);
  await server.stop();
});
