import { randomUUID } from 'node:crypto';
import test from 'ava';
import { RawConnection, request } from '../../support/raw-http.js';
import { FORMATS, type V2Client, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const QUOTA = 150_000;
const server = useV2Server({ DEFAULT: { user_storage_quota: `${QUOTA}B` } });
const { member } = server;

const queued = (client: V2Client) => client.create(FORMATS);
const large = (size: number) => Buffer.alloc(size, 'x');

test('of two uploads at once one is taken', async (t) => {
  const user = member();
  const { id } = await queued(user);
  const answers = await Promise.all(['a', 'b', 'c'].map((body) => user.upload(id, { body })));
  t.deepEqual(answers.map(({ status }) => status).sort(), [204, 409, 409]);
});

test('a client that leaves half way leaves an empty image behind', async (t) => {
  const project = `p-${randomUUID()}`;
  const user = member(project);
  const { id } = await queued(user);
  const connection = await RawConnection.open(server.running.port);
  const head = {
    'X-Auth-Token': `u:${project}:member`,
    'Content-Type': 'application/octet-stream',
    'Content-Length': '9',
  };
  await connection.send(Buffer.concat([request('PUT', `/v2/images/${id}/file`, head), Buffer.from('half')]));
  const until = async (status: string) => {
    while ((await user.show(id)).status !== status);
  };
  await until('saving');
  connection.close();
  await until('queued');
  t.is((await user.upload(id, { body: 'whole' })).status, 204);
});

test('an image that goes while its data comes', async (t) => {
  const project = `p-${randomUUID()}`;
  const user = member(project);
  const { id } = await queued(user);
  const connection = await RawConnection.open(server.running.port);
  t.teardown(() => connection.close());
  const head = {
    'X-Auth-Token': `u:${project}:member`,
    'Content-Type': 'application/octet-stream',
    'Content-Length': '9',
  };
  await connection.send(Buffer.concat([request('PUT', `/v2/images/${id}/file`, head), Buffer.from('half')]));
  while ((await user.show(id)).status !== 'saving');
  t.is((await user.send('DELETE', `/v2/images/${id}`)).status, 204);
  await connection.send('whole');
  const answer = await connection.answer();
  t.is(answer?.status, 410);
  t.regex(answer?.body.toString() ?? '', new RegExp(`Image ${id} could not be found after upload\\.`));
});

test('an owner stores as much as the quota, and uploads side by side do not pass it together', async (t) => {
  const user = member();
  const half = large(QUOTA / 2);
  const images = await Promise.all(Array.from({ length: 5 }, () => queued(user)));
  const answers = await Promise.all(
    images.map(({ id }, index) => user.upload(id, index % 2 === 0 ? { body: half } : { chunks: [half] })),
  );
  const taken = answers.filter(({ status }) => status === 204).length;
  t.true(taken === 1 || taken === 2, `${taken} taken`);
  for (const refused of answers.filter(({ status }) => status !== 204)) {
    t.regex(verdict(refused), /^413 Image exceeds the storage quota: /);
  }
  t.is((await user.list('?status=active')).images.length, taken);
  const [free] = (await user.list('?status=queued')).images;
  const rest = QUOTA - taken * half.length;
  t.is((await user.upload(free?.id ?? '', { chunks: [large(rest), 'x'] })).status, 413);
  t.is((await user.upload(free?.id ?? '', { body: large(rest) })).status, 204);
  const [stored] = (await user.list('?size_min=1')).images;
  await user.expect(204, 'DELETE', `/v2/images/${stored?.id}`);
  t.is((await user.upload((await queued(user)).id, { body: 'x' })).status, 204);
});
