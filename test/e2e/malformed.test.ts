import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Aims, MalformedRequest } from '../support/malformed/family.js';
import { malformedRequests } from '../support/malformed/requests.js';
import { SeededRandom } from '../support/random.js';
import { exchange, type RawAnswer, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

const REQUESTS = 5000;
const AT_ONCE = 8;
const SEED = Number(process.env.MALFORMED_SEED ?? 1);
const HANDLES_MS = 20_000;
const UPLOAD = {
  'Content-Type': 'application/octet-stream',
  'x-image-meta-disk_format': 'raw',
  'x-image-meta-container_format': 'bare',
};

test('malformed requests are refused: no 500, no hang, no leaked file handle', async (t) => {
  t.timeout(300_000);
  const server = await ServerUnderTest.start();
  t.teardown(() => server.dispose());
  const aims = { active: await create(server.port, 'image bytes'), queued: await create(server.port) };
  await Promise.all(Array.from({ length: AT_ONCE }, () => exchange(server.port, request('GET', '/v1/images/detail'))));
  const handles = server.openHandles();

  const requests = malformedRequests(new SeededRandom(SEED), aims, REQUESTS);
  const problems: string[] = [];
  const statuses = new Map<number, number>();
  const work = async (): Promise<void> => {
    for (const bad of requests) {
      const { answer, problem } = await put(server.port, bad);
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (problem === undefined) continue;
      problems.push(`${problem}: ${bad.family}: ${excerpt(bad.bytes)}`);
      if (!server.running) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  t.deepEqual([...new Set(problems)].slice(0, 40), []);
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

async function put(port: number, bad: MalformedRequest): Promise<{ answer?: RawAnswer; problem?: string }> {
  try {
    const answer = await exchange(port, bad.bytes, { head: bad.head === true, end: bad.end === true });
    if (answer === undefined) return bad.silent === true ? {} : { problem: 'no answer' };
    // 501 is the contract's answer to a method that HTTP does not know; every other 5xx is a fault of the server.
    const fault = answer.status >= 500 && answer.status !== 501;
    return fault ? { answer, problem: `status ${answer.status}` } : { answer };
  } catch (error) {
    return { problem: String(error) };
  }
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

/** The number of handles once the last connections are gone; it may take the server a moment. */
async function settledHandles(server: ServerUnderTest, expected: number): Promise<number> {
  const deadline = Date.now() + HANDLES_MS;
  while (server.openHandles() > expected && Date.now() < deadline) await sleep(50);
  return server.openHandles();
}

function excerpt(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/(.{1,12}?)\1{20,}/gs, (run, part: string) => `${part}{${run.length}}`);
  return JSON.stringify(text.slice(0, 600));
}
