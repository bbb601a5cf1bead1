import { fileURLToPath } from 'node:url';
import test from 'ava';
import { bombard, settledHandles } from '../support/malformed/bombard.js';
import type { Aims } from '../support/malformed/family.js';
import { malformedRequests } from '../support/malformed/requests.js';
import { V2_JSON } from '../support/malformed/v2-json.js';
import { V2_VALUES } from '../support/malformed/v2-values.js';
import { WIRE } from '../support/malformed/wire.js';
import { SeededRandom } from '../support/random.js';
import { exchange, type RawAnswer, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

const REQUESTS = 10_000;
const AT_ONCE = 8;
/** Some of the wrong uploads are right by chance: there must be images left for the others. */
const UPLOAD_AIMS = 400;
const SEED = Number(process.env.MALFORMED_SEED ?? 1);
const PASTE = fileURLToPath(new URL('../../../test/support/malformed/v2-paste.ini', import.meta.url));
const BYTES = 'image bytes';
const FORMATS = { disk_format: 'raw', container_format: 'ovf' };

test('malformed v2 requests are refused: no 500, no hang, no leaked file handle', async (t) => {
  t.timeout(300_000);
  const server = await ServerUnderTest.start({
    DEFAULT: { show_multiple_locations: true },
    paste_deploy: { config_file: PASTE },
  });
  t.teardown(() => server.dispose());
  const aims = await aimsOf(server.port);
  await Promise.all(Array.from({ length: AT_ONCE }, () => exchange(server.port, request('GET', '/v2/images'))));
  const handles = server.openHandles();

  const families = { ...WIRE, ...V2_JSON, ...V2_VALUES };
  const requests = malformedRequests(families, new SeededRandom(SEED), aims, REQUESTS);
  const { problems, statuses } = await bombard(server, requests, AT_ONCE);

  t.deepEqual(problems.slice(0, 40), []);
  t.true(server.running, server.output.slice(-3000));
  for (const status of [400, 403, 404, 405, 409, 413, 415, 416, 431]) {
    t.true((statuses.get(status) ?? 0) > 10, `answers with ${status}: ${statuses.get(status) ?? 0}`);
  }
  t.true((statuses.get(0) ?? 0) < REQUESTS / 4, 'most of them were answered');
  const left = await settledHandles(server, handles);
  t.true(left <= handles, `${left} open file handles, ${handles} before`);
  const answer = await exchange(server.port, request('GET', `/v2/images/${aims.active}/file`));
  t.is(answer?.body.toString('utf8'), BYTES);
  t.deepEqual([...server.storedFiles()].sort(), [...(await activeIds(server.port))].sort(), 'files of the data folder');
  await server.stop();
});

async function aimsOf(port: number): Promise<Aims> {
  const active = await create(port);
  await exchange(
    port,
    request('PUT', `/v2/images/${active}/file`, { 'Content-Type': 'application/octet-stream' }, BYTES),
  );
  const spare = await create(port);
  const queued: string[] = [];
  while (queued.length < UPLOAD_AIMS) queued.push(await create(port));
  const image = `/v2/images/${active}`;
  return {
    active,
    spare,
    paths: [
      '/',
      '/v2',
      '/v2/',
      '/v2/images',
      image,
      `${image}/file`,
      `${image}/members`,
      `/v2/images/${spare}/members/t`,
      `/v2/images/${spare}/tags/t`,
      '/v2/schemas/image',
      '/v2/info/import',
      '/v2/info/usage',
      '/versions',
      '/healthcheck',
    ],
    uploads: queued.map((id) => `PUT /v2/images/${id}/file`),
  };
}

async function create(port: number): Promise<string> {
  const type = { 'Content-Type': 'application/json' };
  const { id }: { id: string } = parsed(
    await exchange(port, request('POST', '/v2/images', type, JSON.stringify(FORMATS))),
  );
  return id;
}

async function activeIds(port: number): Promise<readonly string[]> {
  const path = '/v2/images?status=active&visibility=all&limit=1000';
  const { images }: { images: { id: string }[] } = parsed(await exchange(port, request('GET', path)));
  return images.map((image) => image.id);
}

function parsed(answer: RawAnswer | undefined) {
  return JSON.parse(answer?.body.toString('utf8') ?? '');
}
