import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createFetcher } from '../../../src/sync/pull/fetcher.js';
import { actions, failure, MirrorJob } from '../../support/mirror-job.js';
import { addImage, directoryOf } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';
import { freePort } from '../../support/server.js';
import { TEST_CERTIFICATE } from '../../support/test-certificate.js';
import { hasPythonModule } from '../../support/tools.js';

const BYTES = randomBytes(400_000);

/** A repository on this host. */
async function folderRepository(t: ExecutionContext): Promise<{ folder: string; url: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-repository-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const files = new Map<string, Buffer>();
  await addImage(files, 'images/0', { name: 'Here', bytes: BYTES, version: '20261120' });
  files.set('SHA256SUMS', Buffer.from(directoryOf(files)));
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return { folder, url: `${pathToFileURL(folder).href}/` };
}

test('A repository on this host is read where it lies, and its folders are not written on images', async (t) => {
  const source = await folderRepository(t);
  const job = new MirrorJob(t, source);
  const fetch = { root: source.folder };
  t.deepEqual(actions(await job.run({ fetch })), { Here: 'imported' });
  t.deepEqual(actions(await job.run({ fetch })), { Here: 'up-to-date' });
  const [image] = job.destination.images.values();
  t.notRegex(JSON.stringify([...(image?.properties ?? [])]), /tmp/);
  t.regex(
    image?.properties.get('image_sync_source') ?? '',
    /^file:glimpse-repository-\w+~[0-9a-f]{12}\/images\/0\/20261120\/image\.properties$/,
  );
  job.assertClean(t);
});

test('What is no file in a repository on this host is not waited for, and what is not there is said to be so', async (t) => {
  const source = await folderRepository(t);
  const job = new MirrorJob(t, source);
  const fetch = { root: source.folder };
  const data = join(source.folder, 'images/0/20261120/image.raw.gz');
  const signal = AbortSignal.timeout(10_000);
  rmSync(data);
  t.regex(failure(t, await job.run({ fetch, signal })), /image\.raw\.gz cannot be read \(ENOENT\)/);
  execFileSync('mkfifo', [data]);
  t.regex(failure(t, await job.run({ fetch, signal })), /image\.raw\.gz is not a file/);
  rmSync(data);
  mkdirSync(data);
  t.regex(failure(t, await job.run({ fetch, signal })), /image\.raw\.gz is not a file/);
  job.assertClean(t);
});

test('A link out of a repository on this host leads nowhere; one within it does', async (t) => {
  const source = await folderRepository(t);
  const job = new MirrorJob(t, source);
  const fetch = { root: source.folder };
  const data = join(source.folder, 'images/0/20261120/image.raw.gz');
  const elsewhere = mkdtempSync(join(tmpdir(), 'glimpse-elsewhere-'));
  t.teardown(() => rmSync(elsewhere, { recursive: true }));
  writeFileSync(join(elsewhere, 'secret'), 'secret');
  rmSync(data);
  symlinkSync(join(elsewhere, 'secret'), data);
  t.regex(failure(t, await job.run({ fetch })), /lies outside of the source/);
  rmSync(data);
  symlinkSync('/dev/zero', data);
  t.regex(failure(t, await job.run({ fetch })), /lies outside of the source/);
  const again = await folderRepository(t);
  symlinkSync(again.folder, join(again.folder, 'current'));
  const linked = new MirrorJob(t, { url: `${again.url}current/` });
  t.deepEqual(actions(await linked.run({ fetch: { root: join(again.folder, 'current') } })), { Here: 'imported' });
  job.assertClean(t);
});

test('TLS: the certificate must hold, --source-cacert names its authority, --source-insecure takes any', async (t) => {
  const source = await MirrorSource.open(TEST_CERTIFICATE);
  t.teardown(() => source.close());
  source.put('file', 'content');
  const url = new URL('file', source.url);
  const signal = new AbortController().signal;
  const read = async (options: object) => {
    const fetcher = createFetcher({ origins: { home: url, allowForeign: false }, attempts: 1, ...options });
    try {
      const file = await fetcher.read(url, { signal, maxBytes: 100 });
      return file.kind === 'content' ? file.bytes.toString() : file.kind;
    } finally {
      await fetcher.close();
    }
  };
  const error = await t.throwsAsync(read({}));
  t.regex(error?.message ?? '', /the certificate is not to be trusted \(\w+\); --source-cacert/);
  t.is(await read({ ca: TEST_CERTIFICATE.cert }), 'content');
  t.is(await read({ insecure: true }), 'content');
});

test('--max-rate: all readers together', async (t) => {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  source.put('file', Buffer.alloc(100_000));
  const url = new URL('file', source.url);
  const fetcher = createFetcher({ origins: { home: url, allowForeign: false }, bytesPerSecond: 200_000 });
  t.teardown(() => fetcher.close());
  const signal = new AbortController().signal;
  const started = performance.now();
  await Promise.all([1, 2].map(() => fetcher.read(url, { signal, maxBytes: 100_000 })));
  // 200 000 bytes, of which a quarter of a second's worth may come at once; slower machines take longer.
  t.true(performance.now() - started > 700);
});

test('A busy server is asked again, and not for ever', async (t) => {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  source.put('file', 'content');
  const url = new URL('file', source.url);
  const fetcher = createFetcher({ origins: { home: url, allowForeign: false }, attempts: 3, backoffMs: 1 });
  t.teardown(() => fetcher.close());
  const request = { signal: new AbortController().signal, maxBytes: 100 };
  let busy = 2;
  source.behaviours.set('file', (_, response) => {
    busy -= 1;
    if (busy < 0) return void response.end('content');
    return void response.writeHead(503, { 'retry-after': '0' }).end();
  });
  t.is((await fetcher.read(url, request)).kind, 'content');
  busy = 3;
  await t.throwsAsync(fetcher.read(url, request), { message: /answered with status 503/ });
  t.is(source.requests.length, 6);
});

const ftp = hasPythonModule('pyftpdlib') ? test : test.skip;

/** An FTP server of a folder, with a user. */
async function ftpServer(t: ExecutionContext, folder: string): Promise<number> {
  const port = await freePort();
  const script = [
    'import sys',
    'from pyftpdlib.authorizers import DummyAuthorizer',
    'from pyftpdlib.handlers import FTPHandler',
    'from pyftpdlib.servers import FTPServer',
    'a = DummyAuthorizer()',
    'a.add_user("user", "secret", sys.argv[1], perm="elr")',
    'a.add_anonymous(sys.argv[1])',
    'h = FTPHandler',
    'h.authorizer = a',
    's = FTPServer(("127.0.0.1", int(sys.argv[2])), h)',
    'print("ready", flush=True)',
    's.serve_forever()',
  ].join('\n');
  const server: ChildProcess = spawn('/usr/bin/python3', ['-c', script, folder, String(port)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  });
  if (server.stdout) await once(server.stdout, 'data');
  return port;
}

ftp('A repository over FTP, with a login and without; unchanged it transfers nothing', async (t) => {
  const { folder } = await folderRepository(t);
  const port = await ftpServer(t, folder);
  const job = new MirrorJob(t, { url: `ftp://user:secret@127.0.0.1:${port}/` });
  t.deepEqual(actions(await job.run()), { Here: 'imported' });
  t.deepEqual(actions(await job.run()), { Here: 'up-to-date' });
  const [image] = job.destination.images.values();
  t.is(image?.properties.get('image_source'), `ftp://127.0.0.1:${port}/images/0/20261120/image.raw.gz`);
  const anonymous = new MirrorJob(t, { url: `ftp://127.0.0.1:${port}/` });
  t.deepEqual(actions(await anonymous.run()), { Here: 'imported' });
});

ftp('A wrong login, and a path that would be two commands', async (t) => {
  const { folder } = await folderRepository(t);
  const port = await ftpServer(t, folder);
  const job = new MirrorJob(t, { url: `ftp://user:wrong@127.0.0.1:${port}/` });
  const error = await job.refusal(t);
  t.is(error.message, `ftp://127.0.0.1:${port}/SHA256SUMS: the server replied 530`);
  const two = await job.refusal(t, { url: `ftp://127.0.0.1:${port}/a%0d%0aDELE%20x/SHA256SUMS` });
  t.regex(two.message, /holds control characters/);
});

ftp('FTP continues where a download broke off', async (t) => {
  const { folder } = await folderRepository(t);
  const port = await ftpServer(t, folder);
  const url = new URL(`ftp://127.0.0.1:${port}/images/0/20261120/image.raw.gz`);
  const fetcher = createFetcher({ origins: { home: url, allowForeign: false } });
  t.teardown(() => fetcher.close());
  const request = { signal: new AbortController().signal, maxBytes: 10_000_000 };
  const whole = await fetcher.read(url, request);
  if (whole.kind !== 'content') return t.fail();
  const rest = await fetcher.open(url, { ...request, resume: { from: 1000, validators: whole.validators } });
  if (rest.kind !== 'content') return t.fail();
  t.is(rest.start, 1000);
  const parts: Buffer[] = [];
  for await (const part of rest.bytes) parts.push(Buffer.from(part));
  t.true(Buffer.concat(parts).equals(whole.bytes.subarray(1000)));
  t.is((await fetcher.read(url, { ...request, unless: whole.validators })).kind, 'unchanged');
  t.is((await fetcher.read(new URL('gone', url), request)).kind, 'absent');
});
