import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { program, workFolder } from '../cli/program.js';
import { exchange, RawConnection, request } from '../support/raw-http.js';
import { ServerUnderTest } from '../support/server.js';

/** Far longer than anything here takes: waiting ends as soon as what is waited for is there. */
const PATIENCE_MS = 60_000;

async function until<T>(
  t: ExecutionContext,
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  t.log(`waited in vain for ${what}`);
  throw new Error(`waited in vain for ${what}`);
}

/** The process's state letter; undefined when it is gone. */
function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

const count = (server: ServerUnderTest, pattern: RegExp) => server.output.match(pattern)?.length ?? 0;
const RESTART = /The next worker starts in/g;

const images = (server: ServerUnderTest) =>
  exchange(server.port, request('GET', '/v1/images', { Connection: 'close' }));

/** A server with two workers, both of which serve. */
async function start(t: ExecutionContext): Promise<ServerUnderTest> {
  const server = await ServerUnderTest.start({
    DEFAULT: { workers: 2 },
    glimpse: { auto_migrate: true, metrics_bind: '127.0.0.1:0' },
  });
  t.teardown(() => server.dispose());
  await untilServing(t, server, childrenOf(server.pid));
  return server;
}

/** Waits until each of these processes has served a request. */
async function untilServing(t: ExecutionContext, server: ServerUnderTest, pids: readonly number[]): Promise<void> {
  await until(t, `requests served by ${pids.join(' and ')}`, async () => {
    await images(server);
    return pids.every((pid) => new RegExp(` ${pid} INFO glance\\.request `).test(server.output)) ? true : undefined;
  });
}

test.serial(
  'two processes serve one port; SIGINT to them changes nothing, and one that is killed is replaced',
  async (t) => {
    const server = await start(t);
    t.is((await images(server))?.body.toString(), '{"images": []}');
    const before = childrenOf(server.pid);
    t.is(before.length, 2);
    t.is(count(server, /the database schema is at/g), 1);
    for (const pid of before) process.kill(pid, 'SIGINT');
    const [first = 0, second = 0] = before;
    process.kill(first, 'SIGKILL');
    const after = await until(t, 'a replacement', () => {
      const now = childrenOf(server.pid);
      return now.length === 2 && !now.includes(first) ? now : undefined;
    });
    t.true(after.includes(second));
    await untilServing(t, server, after);
    t.is(count(server, RESTART), 1);
    t.regex(server.output, new RegExp(`${server.pid} ERROR glance\\.workers .* Worker ${first} was ended by SIGKILL`));
    await server.stop();
    t.deepEqual([...before, ...after].map(stateOf), [undefined, undefined, undefined, undefined]);
  },
);

test.serial(
  'a stop lets a request end, and a worker that the same signal reached on its own does not mind',
  async (t) => {
    const server = await start(t);
    const connection = await RawConnection.open(server.port);
    const head = 'Content-Type: application/octet-stream\r\nx-image-meta-name: a\r\nx-image-meta-disk_format: raw\r\n';
    await connection.send(
      `POST /v1/images HTTP/1.1\r\nHost: a\r\n${head}x-image-meta-container_format: bare\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n`,
    );
    t.true(await connection.awaitContinue());
    await connection.send('12345');
    for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGTERM');
    const stopped = server.stop();
    await connection.send('67890');
    const answer = await connection.answer();
    connection.close();
    t.is(answer?.status, 201);
    await stopped;
    t.is(count(server, RESTART), 0);
    t.is(server.storedFiles().length, 1);
  },
);

test.serial('workers whose supervisor is killed end by themselves', async (t) => {
  const server = await start(t);
  const workers = childrenOf(server.pid);
  await server.kill();
  await until(t, 'the end of the workers', () =>
    workers.some((pid) => stateOf(pid) !== undefined) ? undefined : true,
  );
  await server.start();
  t.is((await images(server))?.status, 200);
  await server.stop();
});

test.serial('workers that cannot start any more are tried ever more slowly, until they can', async (t) => {
  const server = await start(t);
  const file = join(server.folder, 'glance-api.conf');
  const config = readFileSync(file, 'utf8');
  writeFileSync(file, `${config}\n[DEFAULT]\nbacklog = x\n`);
  for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL');
  await until(t, 'slower starts', () => (count(server, /starts in 0\.4 s/g) === 2 ? true : undefined));
  t.regex(server.output, /ERROR glance\.workers \[-\] .*backlog = "x": must be an integer/);
  const delays = [...server.output.matchAll(/The next worker starts in ([\d.]+) s/g)].map(([, delay]) => Number(delay));
  t.deepEqual(delays.filter((delay) => delay < 0.5).sort(), [0.1, 0.1, 0.2, 0.2, 0.4, 0.4]);
  writeFileSync(file, config);
  await until(t, 'an answer', async () => {
    const answer = await images(server).catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });
  await server.stop();
});

test.serial('metrics are the sum over the workers, on an address of their own', async (t) => {
  const server = await start(t);
  const url = /Metrics are at (\S+)/.exec(server.output)?.[1] ?? '';
  const details = async () => {
    const text = await (await fetch(url)).text();
    const sample = /^glimpse_http_requests_total\{route="\/v1\/images\/detail",method="GET",status="200"\} (\d+)$/m;
    return Number(sample.exec(text)?.[1] ?? 0);
  };
  t.is(await details(), 0);
  for (let n = 0; n < 6; n++) {
    await exchange(server.port, request('GET', '/v1/images/detail', { Connection: 'close' }));
  }
  await until(t, 'six requests', async () => ((await details()) === 6 ? true : undefined));
  const servers = [...server.output.matchAll(/ (\d+) INFO glance\.request .* path=\/v1\/images\/detail /g)];
  t.is(new Set(servers.map(([, pid]) => pid)).size, 2);
  t.is((await exchange(server.port, request('GET', '/metrics', { Connection: 'close' })))?.status, 300);
  await server.stop();
});

test.serial('changes to one image by both processes at once all come to be', async (t) => {
  const server = await start(t);
  const send = (method: string, path: string, body = '') =>
    exchange(server.port, request(method, path, { Connection: 'close' }, body));
  const created = await send('POST', '/v2/images', '{}');
  const { id }: { id: string } = JSON.parse(String(created?.body));
  for (let round = 0; round < 5; round += 1) {
    const tags = Array.from({ length: 24 }, (_, index) => `${round}-${index}`);
    const answers = await Promise.all(tags.map((tag) => send('PUT', `/v2/images/${id}/tags/${tag}`)));
    t.deepEqual([...new Set(answers.map((answer) => answer?.status))], [204]);
  }
  const shown: { tags: string[] } = JSON.parse(String((await send('GET', `/v2/images/${id}`))?.body));
  t.is(shown.tags.length, 120);
  await server.stop();
});

test.serial('where no worker can start, the program ends with its code and says why once', async (t) => {
  const cwd = workFolder(t);
  writeFileSync(
    join(cwd, 'a.conf'),
    '[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = 0\nworkers = 3\n[database]\nconnection = sqlite:///db.sqlite\n' +
      '[glance_store]\ndefault_store = nope\n[paste_deploy]\nflavor = noauth\n',
  );
  const { code, stdout, stderr } = await program('cli/glance-api', ['a.conf', '--log-file', 'api.log'], cwd);
  t.is(code, 3);
  t.is(stdout, '');
  t.is(stderr.match(/ERROR: /g)?.length, 1);
  t.regex(stderr, /^ERROR: .*nope.*\n$/);
});

test.serial('one announcement, and SIGHUP opens the log file anew in every process', async (t) => {
  const cwd = workFolder(t);
  const log = join(cwd, 'api.log');
  writeFileSync(
    join(cwd, 'a.conf'),
    '[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = 0\nworkers = 1\n[database]\nconnection = sqlite:///db.sqlite\n' +
      '[glance_store]\nfilesystem_store_datadir = images\n[paste_deploy]\nflavor = noauth\n',
  );
  const opened = () => {
    try {
      return new Set(
        [...readFileSync(log, 'utf8').matchAll(/(\d+) INFO glance \[-\] Log files opened anew/g)].map(([, pid]) => pid),
      );
    } catch {
      return new Set();
    }
  };
  const { code, stdout } = await program('cli/glance-api', ['a.conf', '--log-file', log], cwd, (said, kill) => {
    if (!said.endsWith('\n')) return;
    rmSync(log);
    kill('SIGHUP');
    void until(t, 'two log files', () => (opened().size === 2 ? true : undefined)).finally(() => kill('SIGTERM'));
  });
  t.is(code, 0);
  t.regex(stdout, /^Glimpse serves images at http:\/\/127\.0\.0\.1:\d+ - try: curl \S+\n$/);
  t.is(opened().size, 2);
});
