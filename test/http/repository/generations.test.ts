import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { repositoryFolder, serving, sha256 } from './rig.js';

test('a download goes on with its bytes while generations come and go', async (t) => {
  const { path, publish } = await repositoryFolder(t);
  // More than the kernel's buffers hold, so that the server is still sending.
  const image = randomBytes(24 * 1024 * 1024);
  await publish(1, { 'images/a': image });
  const { port, ask } = await serving(t, path);
  // Its body is not read yet.
  const [answer]: IncomingMessage[] = await once(get({ port, path: '/repository/images/a', agent: false }), 'response');
  for (const generation of [2, 3, 4]) await publish(generation, { 'images/b': Buffer.from(`b${generation}`) });
  t.deepEqual(readdirSync(join(path, '.generations')).sort(), ['3', '4'], 'the first generation is gone');
  t.is((await ask('/repository/images/a')).status, 404);
  t.is(answer?.statusCode, 200);
  const hash = createHash('sha256');
  for await (const piece of answer ?? []) hash.update(piece);
  t.is(hash.digest('hex'), sha256(image));
});

test('readers that follow a list find what it lists, while generations are swapped', async (t) => {
  const { path, publish } = await repositoryFolder(t);
  const images = (generation: number): Record<string, Uint8Array> =>
    Object.fromEntries(
      [0, 1, 2].map((n) => [`images/${generation}/${n}`, Buffer.from(`${generation} ${n} `.repeat(500))]),
    );
  await publish(1, images(1));
  const { ask } = await serving(t, path);
  let publishing = true;
  let checked = 0;
  const reader = async (): Promise<void> => {
    while (publishing) {
      const list = await ask('/repository/SHA256SUMS');
      t.is(list.headers.get('etag'), `"sha256-${sha256(list.body)}"`);
      for (const line of list.body.toString().trim().split('\n')) {
        const [digest = '', name] = line.split('  ');
        const { status, body, headers } = await ask(`/repository/${name}`);
        t.is(status, 200, name);
        t.is(sha256(body), digest);
        t.is(headers.get('etag'), `"sha256-${digest}"`);
        checked += 1;
      }
    }
  };
  const readers = Array.from({ length: 4 }, reader);
  // What leaves the lists stays for those who read an older one.
  let kept: string[] = [];
  for (let generation = 2; generation <= 20; generation += 1) {
    kept = [...kept, ...Object.keys(images(generation - 1))];
    await publish(generation, images(generation), {}, kept);
  }
  publishing = false;
  await Promise.all(readers);
  t.true(checked >= 4 * 3);
});
