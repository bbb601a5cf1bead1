import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { RawConnection, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';
import { V1Client } from '../support/v1-client.js';
import { DRAFT_10, V2Client } from '../support/v2-client.js';

const PASTE = fileURLToPath(new URL('../../../test/support/proxied-paste.ini', import.meta.url));
const PATIENCE_MS = 60_000;
const SECRET = 'very-secret-text';

type Line = Readonly<Record<string, unknown>>;

async function start(t: ExecutionContext, workers = 0) {
  const server = await ServerUnderTest.start({
    DEFAULT: { workers, image_size_cap: 1000 },
    paste_deploy: { config_file: PASTE },
    oslo_middleware: { enable_proxy_headers_parsing: true },
    glimpse: { audit_log: 'audit.log' },
  });
  t.teardown(() => server.dispose());
  const file = join(server.folder, 'audit.log');
  const lines = (path = file): readonly Line[] =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line): Line => JSON.parse(line))
      : [];
  /** The lines when there are as many. */
  const until = async (count: number): Promise<readonly Line[]> => {
    for (const end = Date.now() + PATIENCE_MS; lines().length < count; await sleep(10)) {
      if (Date.now() > end) throw new Error(`${lines().length} lines, not ${count}`);
    }
    return lines();
  };
  const clients = new V2Client(new V1Client(() => server.port));
  return {
    server,
    file,
    lines,
    until,
    clients,
    member: clients.as('u1:p1:member,reader'),
    admin: clients.as('boss:p0:admin'),
  };
}

const brief = ({ user, api, action, image, subject, status, result, reason, bytes }: Line) =>
  [user, api, action, image === null ? '-' : 'image', subject ?? '-', status, result, reason ?? '-', bytes].join(' ');

test('one line for each request that changes something, reads data or is refused, on both APIs', async (t) => {
  const { server, until, clients, member, admin } = await start(t);
  const image = await member.create({ name: 'x', disk_format: 'raw', container_format: 'bare' });
  const path = `/v2/images/${image.id}`;
  const forwarded = { 'X-Forwarded-For': '203.0.113.7, 198.51.100.9' };
  await member.upload(image.id, { body: 'x'.repeat(700), headers: forwarded });
  await member.expect(200, 'GET', `${path}/file`);
  await member.expect(206, 'GET', `${path}/file`, { headers: { range: 'bytes=10-29' } });
  await member.patch(image.id, [{ op: 'replace', path: '/name', value: SECRET }], DRAFT_10);
  await member.expect(204, 'PUT', `${path}/tags/red`);
  await member.expect(200, 'POST', `${path}/members`, { json: { member: 'p2' } });
  // What reads no data is nobody's business.
  await member.expect(200, 'GET', path);
  await member.expect(200, 'GET', `/v2/images?name=${SECRET}`);
  await member.expect(200, 'GET', `${path}/members`);
  await member.expect(404, 'GET', '/v2/images/nope');
  await member.expect(403, 'POST', '/v2/images', { json: { visibility: 'public' } });
  await clients.expect(401, 'GET', '/v2/images', { headers: { 'x-auth-token': `${SECRET}` } });
  await member.expect(409, 'PUT', `${path}/file`, {
    headers: { 'content-type': 'application/octet-stream' },
    body: 'again',
  });
  await clients.as('u2:p2:member').expect(403, 'DELETE', path);
  await admin.expect(204, 'POST', `${path}/actions/deactivate`);
  await admin.expect(204, 'DELETE', path);
  await member.expect(404, 'DELETE', path);

  const v1 = await member.v1.create({ 'x-image-meta-name': SECRET }, 'y'.repeat(300));
  await member.send('HEAD', `/v1/images/${v1.id}`);
  await member.expect(200, 'GET', `/v1/images/${v1.id}`);
  await member.expect(204, 'PUT', `/v1/images/${v1.id}/members/p3`);
  await member.expect(200, 'PUT', `/v1/images/${v1.id}`, { headers: { 'x-image-meta-name': 'z' } });
  await member.expect(200, 'DELETE', `/v1/images/${v1.id}`);

  const lines = await until(19);
  t.deepEqual(lines.map(brief), [
    'u1 v2 create image - 201 ok - 0',
    'u1 v2 upload image - 204 ok - 700',
    'u1 v2 download image - 200 ok - 700',
    'u1 v2 download image - 206 ok - 20',
    'u1 v2 update image - 200 ok - 0',
    'u1 v2 add-tag image red 204 ok - 0',
    'u1 v2 add-member image - 200 ok - 0',
    'u1 v2 create - - 403 refused forbidden 0',
    ' v2 read - - 401 refused unauthenticated 0',
    'u1 v2 upload image - 409 failed conflict 0',
    'u2 v2 delete image - 403 refused forbidden 0',
    'boss v2 deactivate image - 204 ok - 0',
    'boss v2 delete image - 204 ok - 0',
    'u1 v2 delete image - 404 failed not-found 0',
    'u1 v1 create image - 201 ok - 300',
    'u1 v1 download image - 200 ok - 300',
    'u1 v1 add-member image p3 204 ok - 0',
    'u1 v1 update image - 200 ok - 0',
    'u1 v1 delete image - 200 ok - 0',
  ]);
  const [first, second] = lines;
  t.is(first?.image, image.id);
  t.deepEqual(
    [first?.project, first?.roles, first?.admin, first?.address, first?.method],
    ['p1', ['member', 'reader'], false, '127.0.0.1', 'POST'],
  );
  t.regex(String(first?.request_id), /^req-[0-9a-f-]{36}$/);
  t.true(server.output.includes(String(first?.request_id)), 'the id that the other log has');
  t.is(second?.address, '198.51.100.9', 'the nearest address that is no proxy of ours');
  t.true(Number.isFinite(Date.parse(String(first?.time))) && Number(first?.seconds) >= 0);
  t.false(JSON.stringify(lines).includes(SECRET), 'no tokens, no queries, no bodies');
  t.deepEqual(server.storedFiles(), []);
  await server.stop();
});

test('a client that leaves in the middle of an upload is told of, and so is whatever has a strange target', async (t) => {
  const { server, until, member } = await start(t);
  const image = await member.create({ disk_format: 'raw', container_format: 'bare' });
  const headers = {
    'X-Auth-Token': 'u1:p1:member',
    'Content-Type': 'application/octet-stream',
    'Content-Length': '900',
  };
  const connection = await RawConnection.open(server.port);
  await connection.send(request('PUT', `/v2/images/${image.id}/file`, headers, 'half'));
  connection.close();
  const [, aborted] = await until(2);
  t.deepEqual([aborted?.action, aborted?.image, aborted?.result], ['upload', image.id, 'aborted']);
  for (const target of ['//', '/%', '/v2/%E0%A4%A', 'http://[::/v2/images', '*', '/v2/images/a/b/c/d', '?x']) {
    const raw = await RawConnection.open(server.port);
    await raw.send(request('DELETE', target, { 'X-Auth-Token': 'u1:p1:member', Connection: 'close' }));
    t.true(((await raw.answer())?.status ?? 0) >= 300, target);
    raw.close();
  }
  await member.expect(204, 'DELETE', `/v2/images/${image.id}`);
  await server.stop();
});

test('the file is opened anew after a rotation, by every worker', async (t) => {
  const { server, file, lines, until, member } = await start(t, 2);
  const image = await member.create({});
  await until(1);
  renameSync(file, `${file}.1`);
  process.kill(server.pid, 'SIGHUP');
  for (let made = 0; made < 10; made++) await member.expect(204, 'PUT', `/v2/images/${image.id}/tags/t${made}`);
  t.is((await until(10)).length, 10);
  t.is(lines(`${file}.1`).length, 1);
  await server.stop();
});
