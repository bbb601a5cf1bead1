import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type FakeSource, sourceBytes, startFakeSource } from '../support/fake-source.js';
import { exchange, type RawAnswer, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

const FORMATS = { 'x-image-meta-disk_format': 'raw', 'x-image-meta-container_format': 'bare' };
const SIZE = 2 * 1024 * 1024 + 5;
const PATIENCE_MS = 20_000;

let server: ServerUnderTest;
let source: FakeSource;
test.before(async () => {
  source = await startFakeSource();
  server = await ServerUnderTest.start({
    import_filtering_opts: { allowed_hosts: '[127.0.0.1]', allowed_ports: '[]' },
  });
});
test.after.always(async () => {
  await server?.stop();
  server?.dispose();
  await source?.close();
});

function create(headers: Readonly<Record<string, string>>): Promise<RawAnswer | undefined> {
  return exchange(server.port, request('POST', '/v1/images', { ...FORMATS, ...headers }));
}

function idOf(answer: RawAnswer | undefined): string {
  const { image }: { image: { id: string } } = JSON.parse(answer?.body.toString('utf8') ?? '');
  return image.id;
}

/** The status of the image once nothing is under way any more. */
async function settled(id: string): Promise<string | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await exchange(server.port, request('HEAD', `/v1/images/${id}`), { head: true });
    const status = answer?.headers.get('x-image-meta-status');
    if ((status !== 'queued' && status !== 'saving') || Date.now() > deadline) return status;
    await sleep(20);
  }
}

for (const kind of ['bytes', 'redirect']) {
  test(`copy-from takes the bytes of ${kind} and keeps them`, async (t) => {
    const answer = await create({ 'x-glance-api-copy-from': `${source.url}/${kind}/${SIZE}` });
    t.is(answer?.status, 201);
    const id = idOf(answer);
    t.is(await settled(id), 'active');
    const asked = source.requests.length;
    const download = await exchange(server.port, request('GET', `/v1/images/${id}`));
    t.true(download?.body.equals(sourceBytes(SIZE)));
    t.is(source.requests.slice(asked).filter((line) => line.includes(`/${kind}/${SIZE}`)).length, 0);
  });
}

test('a location is read from its source at every download', async (t) => {
  const size = SIZE + 1;
  const answer = await create({ 'x-image-meta-location': `${source.url}/bytes/${size}` });
  t.is(answer?.status, 201);
  const download = await exchange(server.port, request('GET', `/v1/images/${idOf(answer)}`));
  t.true(download?.body.equals(sourceBytes(size)));
  t.true(source.requests.includes(`GET /bytes/${size}`));
});

test('a source that breaks off kills the image and leaves nothing behind', async (t) => {
  const answer = await create({ 'x-glance-api-copy-from': `${source.url}/short/${SIZE}` });
  t.is(answer?.status, 201);
  const id = idOf(answer);
  t.is(await settled(id), 'killed');
  t.deepEqual(
    server.storedFiles().filter((name) => name.includes(id)),
    [],
  );
});

for (const [kind, status] of [
  ['status/404', 404],
  ['nothing', 404],
] as const) {
  test(`a source that answers /${kind} makes no image`, async (t) => {
    t.is((await create({ 'x-glance-api-copy-from': `${source.url}/${kind}` }))?.status, status);
  });
}

test('a source that redirects for ever is bad input', async (t) => {
  const answer = await create({ 'x-glance-api-copy-from': `${source.url}/loop/1` });
  t.true(answer !== undefined && answer.status >= 400 && answer.status < 500, `status ${answer?.status}`);
});
