import test from 'ava';
import { bombard, settledHandles } from '../support/malformed/bombard.js';
import type { Aims } from '../support/malformed/family.js';
import { malformedRequests } from '../support/malformed/requests.js';
import { V1_VALUES } from '../support/malformed/v1-values.js';
import { WIRE } from '../support/malformed/wire.js';
import { SeededRandom } from '../support/random.js';
import { exchange, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

const REQUESTS = 5000;
const AT_ONCE = 8;
const SEED = Number(process.env.MALFORMED_SEED ?? 1);
const UPLOAD = {
  'Content-Type': 'application/octet-stream',
  'x-image-meta-disk_format': 'raw',
  'x-image-meta-container_format': 'bare',
};

test('malformed requests are refused: no 500, no hang, no leaked file handle', async (t) => {
  t.timeout(300_000);
  const server = await ServerUnderTest.start();
  t.teardown(() => server.dispose());
  const aims = aimsAt(await create(server.port, 'image bytes'), await create(server.port));
  await Promise.all(Array.from({ length: AT_ONCE }, () => exchange(server.port, request('GET', '/v1/images/detail'))));
  const handles = server.openHandles();

  const requests = malformedRequests({ ...WIRE, ...V1_VALUES }, new SeededRandom(SEED), aims, REQUESTS);
  const { problems, statuses } = await bombard(server, requests, AT_ONCE);

  t.deepEqual(problems.slice(0, 40), []);
  t.true(server.running, server.output.slice(-3000));
  for (const status of [400, 404, 405, 431]) t.true((statuses.get(status) ?? 0) > 10, `answers with ${status}`);
  t.true((statuses.get(0) ?? 0) < REQUESTS / 4, 'most of them were answered');
  const left = await settledHandles(server, handles);
  t.true(left <= handles, `${left} open file handles, ${handles} before`);
  await assertAlive(server.port, aims);
  t.deepEqual([...server.storedFiles()].sort(), [...(await activeIds(server.port))].sort(), 'files of the data folder');
  await server.stop();

  async function assertAlive(port: number, { active }: Aims): Promise<void> {
    const answer = await exchange(port, request('GET', `/v1/images/${active}`));
    t.is(answer?.body.toString('utf8'), 'image bytes');
  }
});

function aimsAt(active: string, spare: string): Aims {
  return {
    active,
    spare,
    paths: [
      '/',
      '/v1',
      '/v1/images',
      '/v1/images/detail',
      `/v1/images/${active}`,
      `/v1/images/${spare}/members`,
      '/v1/shared-images/t',
      '/versions',
      '/v2/images',
    ],
    uploads: ['POST /v1/images', `PUT /v1/images/${spare}`, `PUT /v1/images/${active}`, 'PUT /v1/images/none'],
  };
}

async function create(port: number, body?: string): Promise<string> {
  const answer = await exchange(port, request('POST', '/v1/images', UPLOAD, body));
  const { image }: { image: { id: string } } = JSON.parse(answer?.body.toString('utf8') ?? '');
  return image.id;
}

async function activeIds(port: number): Promise<readonly string[]> {
  const path = '/v1/images?is_public=None&status=active&size_min=1&limit=1000';
  const answer = await exchange(port, request('GET', path));
  const { images }: { images: { id: string }[] } = JSON.parse(answer?.body.toString('utf8') ?? '');
  return images.map((image) => image.id);
}
