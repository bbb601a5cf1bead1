import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { ServerUnderTest } from '../support/server.js';

const PATIENCE_MS = 60_000;

async function rig(t: ExecutionContext, workers: number, publish: Readonly<Record<string, string | number | boolean>>) {
  const repository = mkdtempSync(join(tmpdir(), 'glimpse-repository-'));
  const server = await ServerUnderTest.start({
    DEFAULT: { bind_host: '127.0.0.1', workers },
    publish: { target: repository, serve_path: '/repository', ...publish },
  }).catch((error: unknown) => {
    rmSync(repository, { recursive: true });
    throw error;
  });
  t.teardown(() => {
    server.dispose();
    rmSync(repository, { recursive: true });
  });
  const base = `http://127.0.0.1:${server.port}`;
  const listed = async (): Promise<readonly string[]> => {
    const answer = await fetch(`${base}/repository/SHA256SUMS`);
    return answer.ok ? (await answer.text()).split('\n').map((line) => line.slice(66)) : [];
  };
  return {
    server,
    base,
    /** Uploads a public image and returns its id. */
    async upload(name: string, bytes: string): Promise<string> {
      const created = await fetch(`${base}/v2/images`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, visibility: 'public', disk_format: 'raw', container_format: 'bare' }),
      });
      const { id } = JSON.parse(await created.text());
      const put = await fetch(`${base}/v2/images/${id}/file`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: bytes,
      });
      t.is(put.status, 204);
      return String(id);
    },
    /** The paths that are listed, as soon as they are so; fails when they never are. */
    async until(condition: (paths: readonly string[]) => boolean): Promise<readonly string[]> {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const paths = await listed();
        if (condition(paths)) return paths;
        if (Date.now() > deadline) throw new Error(`never listed: ${paths}\n${server.output.slice(-2000)}`);
        await sleep(50);
      }
    },
  };
}

const data = (paths: readonly string[]): readonly string[] => paths.filter((path) => path.endsWith('.gz'));

for (const workers of [0, 2]) {
  test(`images appear in the repository after they were uploaded, and go when they are deleted: ${workers} workers`, async (t) => {
    const { server, base, upload, until } = await rig(t, workers, { on_change: true, on_change_delay: 0 });
    const ids: string[] = [];
    // By several connections, so that each worker has its turn.
    for (let image = 1; image <= 4; image += 1) ids.push(await upload(`image-${image}`, `bytes of ${image}`));
    const paths = await until((found) => data(found).length === 4);
    const bytes = await Promise.all(
      data(paths).map(async (path) => {
        const answer = await fetch(`${base}/repository/${path}`);
        return gunzipSync(Buffer.from(await answer.arrayBuffer())).toString();
      }),
    );
    t.deepEqual(
      bytes.toSorted(),
      [1, 2, 3, 4].map((image) => `bytes of ${image}`),
    );
    t.is((await fetch(`${base}/v2/images/${ids[0]}`, { method: 'DELETE' })).status, 204);
    await until((found) => data(found).length === 3);
    await server.stop();
    t.notRegex(server.output, /publishing failed|escaped everyone/);
  });
}

test('at intervals it publishes what others changed', async (t) => {
  const { server, upload, until } = await rig(t, 0, { interval: 1 });
  await upload('image', 'bytes');
  await until((found) => data(found).length === 1);
  await server.stop();
});

test('a repository that cannot be written does not disturb the server', async (t) => {
  const { server, base, upload } = await rig(t, 0, {
    on_change: true,
    on_change_delay: 0,
    target: process.execPath,
    serve_path: '',
  });
  const id = await upload('image', 'bytes');
  const deadline = Date.now() + PATIENCE_MS;
  while (!server.output.includes('publishing failed')) {
    if (Date.now() > deadline) throw new Error(`no failure is logged: ${server.output}`);
    await sleep(50);
  }
  t.is(await (await fetch(`${base}/v2/images/${id}/file`)).text(), 'bytes');
  await server.stop();
});

test('a schedule without a target is refused at the start', async (t) => {
  const starting = ServerUnderTest.start({ publish: { interval: 60 } });
  t.regex((await t.throwsAsync(starting))?.message ?? '', /\[publish\] target must say where/);
});
