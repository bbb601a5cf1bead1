import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseChecksumFile } from '../../../src/sync/formats/checksum-file.js';
import { flattenProducts } from '../../../src/sync/formats/streams.js';
import { parseProducts } from '../../../src/sync/formats/streams-products.js';
import { SeededRandom } from '../../support/random.js';
import { coreutilsCheck, leftovers, useRig } from './rig.js';

const CHILD = fileURLToPath(new URL('./publish-child.js', import.meta.url));
const GENERATIONS = Number(process.env.PUBLISH_GENERATIONS ?? 50);
const SEED = Number(process.env.KILL_SEED ?? 1);
const READERS = 20;

const STEPS = [
  'blob-written',
  'blob-kept',
  'tree-begun',
  'tree-half',
  'tree-written',
  'state-written',
  'tree-moved',
  'links-made',
  'current-made',
  'swapped',
  'links-dropped',
  'generations-removed',
  'pool-cleaned',
];

function child(...argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CHILD, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test.serial('a kill at any step leaves a whole tree, and the next run mends what is left', async (t) => {
  t.timeout(300_000);
  const rig = await useRig(t);
  const first = await rig.add('the first image', { name: 'first' });
  for (const [round, step] of STEPS.entries()) {
    await rig.add(`image of round ${round}`, { name: `image ${round}` });
    await rig.registry.images.change(first.id, { minRam: round + 1 }, {});
    const publisher = child(rig.folder, 'once', step, '1');
    const [, signal] = await once(publisher, 'exit');
    t.is(signal, 'SIGKILL', `killed at ${step}`);
    const published = await stat(join(rig.root, 'current')).then(
      () => true,
      () => false,
    );
    t.is(published, round > 0, 'the first generation is there after the first run that ended');
    if (published) await coreutilsCheck(rig.root);
    const result = await rig.publish({ now: () => new Date() });
    t.deepEqual(result.failed, []);
    t.is(result.images, round + 2);
    await coreutilsCheck(rig.root);
    t.deepEqual(await leftovers(rig.root), [], `after a kill at ${step}`);
  }
});

/** Reads one file of a repository as a stranger would. */
type Read = (path: string) => Promise<Buffer>;

test.serial(
  'readers never meet a wrong hash or a missing file while generations come and publishers die',
  async (t) => {
    t.timeout(600_000);
    const rig = await useRig(t);
    await rig.add('the first image', { name: 'first' });
    await rig.publish({ now: () => new Date() });
    const { server, url } = await serve(rig.root);
    t.teardown(() => server.close());
    const over: Read = async (path) => {
      const answer = await fetch(`${url}/${path}`);
      if (answer.status !== 200) throw new Error(`${answer.status} for ${path}`);
      return Buffer.from(await answer.arrayBuffer());
    };
    const straight: Read = (path) => readFile(join(rig.root, path));
    const state = { over: false, rounds: 0 };
    const readers = Array.from({ length: READERS }, (_, number) =>
      readerLoop(number % 2 === 0 ? over : straight, new SeededRandom(SEED * 1000 + number), state),
    );
    const { generation, kills } = await publishAndKill(rig.folder, new SeededRandom(SEED));
    state.over = true;
    const problems = (await Promise.all(readers)).flat();
    t.deepEqual(problems, []);
    t.true(generation >= GENERATIONS, `${generation} generations`);
    t.true(kills >= 5, `${kills} kills`);
    t.true(state.rounds > READERS, `${state.rounds} rounds of reading`);
    t.log(`${generation} generations, ${kills} kills, ${state.rounds} rounds of reading`);
    await rig.publish({ now: () => new Date() });
    await coreutilsCheck(rig.root);
    t.deepEqual(await leftovers(rig.root), []);
  },
);

/** Lets publishers work and kills them at random, until there are enough generations. */
async function publishAndKill(folder: string, random: SeededRandom): Promise<{ generation: number; kills: number }> {
  let [generation, kills] = [0, 0];
  while (generation < GENERATIONS || kills < 5) {
    const publisher = child(folder, 'loop', String(random.integer(1, 1_000_000)));
    const ended = once(publisher, 'exit');
    let lines = random.integer(1, 10);
    const enough = new Promise<void>((resolve) => {
      publisher.stdout?.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.trim().split('\n')) {
          generation = Number(line);
          lines -= 1;
        }
        if (lines <= 0) resolve();
      });
    });
    await Promise.race([enough, ended]);
    await sleep(random.integer(0, 150));
    publisher.kill('SIGKILL');
    const [code] = await ended;
    if (code !== null) throw new Error(`the publisher ended by itself with ${code}`);
    kills += 1;
  }
  return { generation, kills };
}

/** Reads lists and everything that they name, again and again; resolves with what was wrong. */
async function readerLoop(
  read: Read,
  random: SeededRandom,
  state: { over: boolean; rounds: number },
): Promise<readonly string[]> {
  const problems: string[] = [];
  while (!state.over) {
    const list =
      ['SHA256SUMS', 'md5sum', 'current/SHA512SUMS', 'sets/all.SHA256SUMS', 'streams'][random.integer(0, 4)] ?? '';
    try {
      for (const { path, algorithm, digest } of await entriesOf(read, list)) {
        // Slow readers hold an old list for a while.
        if (random.integer(0, 9) === 0) await sleep(random.integer(0, 100));
        const found = createHash(algorithm)
          .update(await read(path))
          .digest('hex');
        if (found !== digest) problems.push(`${list}: ${path} has another hash`);
      }
      state.rounds += 1;
    } catch (error) {
      problems.push(`${list}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (problems.length > 5) return problems;
  }
  return problems;
}

async function entriesOf(read: Read, list: string) {
  if (list === 'streams') {
    const products = parseProducts((await read('streams/v1/org.example-all-download.json')).toString());
    return flattenProducts(products).map(({ fields }) => ({
      path: String(fields.path),
      algorithm: 'sha256',
      digest: String(fields.sha256),
    }));
  }
  const { algorithm, entries } = parseChecksumFile((await read(list)).toString());
  return entries.map(({ path, digest }) => ({ path, algorithm, digest }));
}

/** The plainest web server there is over a folder. */
async function serve(root: string): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    createReadStream(join(root, request.url ?? ''))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}` };
}
