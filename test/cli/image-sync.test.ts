import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { newKeyRing } from '../support/mirror-keys.js';
import { addImage, directoryOf } from '../support/mirror-repository.js';
import { MirrorSource } from '../support/mirror-source.js';
import { ServerUnderTest } from '../support/server.js';
import { type Outcome, program, workFolder } from './program.js';

async function rig(t: ExecutionContext) {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  const server = await ServerUnderTest.start();
  t.teardown(() => server.dispose());
  const folder = workFolder(t);
  const made = await addImage(source.files, 'images/0', {
    name: 'Ours',
    bytes: randomBytes(2_000_000),
    version: '20261120',
  });
  source.put('SHA256SUMS', directoryOf(source.files));
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    source,
    server,
    folder,
    ...made,
    run: (argv: readonly string[], started?: Parameters<typeof program>[5]): Promise<Outcome> =>
      program('cli/image-sync', ['--os-endpoint', endpoint, ...argv], folder, undefined, {}, started),
    images: async (): Promise<readonly { name: string; status: string; visibility: string }[]> =>
      JSON.parse(await (await fetch(`${endpoint}/v2/images`)).text()).images,
    /** Names of everything in a folder of the user. */
    left: (...path: readonly string[]) =>
      readdirSync(join(folder, ...path), { recursive: true })
        .map(String)
        .sort(),
  };
}

test('A run, a run with nothing new, and one that fails: what is printed, and the exit codes', async (t) => {
  const { source, run, images, data, left } = await rig(t);
  const first = await run([source.url]);
  t.is(first.code, 0, first.stderr);
  t.regex(
    first.stdout,
    /^import {5}Ours <images\/0\/20261120\/image\.properties>: it is new, 1\.9 MiB in [\d.]+ s\nhttp.*: 1 imported\n$/,
  );
  t.regex(first.stderr, /^WARNING: no key is given/);
  t.deepEqual(
    (await images()).map(({ name, visibility }) => ({ name, visibility })),
    [{ name: 'Ours', visibility: 'public' }],
  );
  const second = await run(['--unsigned', '--url', source.url, '--quiet']);
  t.deepEqual(second, { code: 0, stdout: '', stderr: '' });
  source.put(data, 'other bytes');
  const third = await run(['--unsigned', '--prefix', 'x ', '--json', source.url]);
  t.is(third.code, 1);
  const said = JSON.parse(third.stdout);
  t.is(said.results[0].action, 'failed');
  t.deepEqual((await images()).length, 1);
  t.deepEqual(left('.cache', 'image-sync'), []);
  t.is(left('.local', 'state', 'image-sync').filter((name) => name.endsWith('.json')).length, 2);
});

test('Exit codes for what concerns the whole: 2 usage, 3 signature, 4 unreachable', async (t) => {
  const { source, run, folder } = await rig(t);
  const { publicFile } = await newKeyRing('minisign');
  for (const [argv, code, why] of [
    [[], 2, /no source/],
    [[source.url, source.url], 2, /more than one source/],
    [['--nonsense', source.url], 2, /Unknown option '--nonsense'/],
    [['--max', '0', source.url], 2, /--max must be/],
    [['--max-size', 'much', source.url], 2, /--max-size must be a number of bytes/],
    [['--filter', 'x', source.url], 2, /--filter "x": must be/],
    [['--filter', 'x~(', source.url], 2, /malformed/],
    [['--force', '--on-collision', 'skip', source.url], 2, /--force means/],
    [['--on-collision', 'merge', source.url], 2, /must be one of skip, rotate, replace/],
    [['--config-file', '/nowhere.conf', source.url], 2, /two destinations/],
    [['gopher://user:secret@x/'], 2, /the source must be a URL of http/],
    [['http://user:secret@[/'], 2, /the URL of the source is malformed/],
    [['no-such-folder'], 2, /neither a URL nor a path/],
    [['--keyring', join(folder, 'none'), source.url], 2, /none/],
    [['--minisign-key', publicFile, source.url], 3, /is not signed in a way that the keys can verify/],
    [['http://127.0.0.1:1/'], 4, /the connection was refused/],
    [[`${source.url}nothing/`], 4, /there is no repository/],
  ] as const) {
    const outcome = await run([...argv]);
    t.is(outcome.code, code, `${argv.join(' ')}: ${outcome.stderr}`);
    t.regex(outcome.stderr, why);
    t.notRegex(outcome.stderr, /secret/);
  }
  const elsewhere = await program('cli/image-sync', ['--os-endpoint', 'http://127.0.0.1:1', source.url], folder);
  t.is(elsewhere.code, 4);
  const nowhere = await program('main', ['sync', source.url], folder);
  t.is(nowhere.code, 2);
  t.regex(nowhere.stderr, /Nothing says where images go/);
  const json = await run(['--json', 'http://127.0.0.1:1/']);
  t.is(JSON.parse(json.stdout).error.kind, 'unreachable');
});

test('--help names every option, and --version the version', async (t) => {
  const folder = workFolder(t);
  const { code, stdout } = await program('cli/image-sync', ['--help'], folder);
  t.is(code, 0);
  for (const option of ['--prefix', '--force', '--keyring', '--max-rate', '--os-cloud', '--config-file', '--prune']) {
    t.true(stdout.includes(option), option);
  }
  t.regex((await program('cli/image-sync', ['--version'], folder)).stdout, /^\d+\.\d+\.\d+\n$/);
  t.regex((await program('main', ['sync', '--help'], folder)).stdout, /^Usage: glimpse sync/);
});

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`${signal} in the middle of a download leaves nothing but what the next run continues`, async (t) => {
    const { source, server, run, images, data, left } = await rig(t);
    const whole = source.files.get(data) ?? Buffer.alloc(0);
    let kill: (signal: NodeJS.Signals) => void = () => {};
    source.behaviours.set(data, (request, response) => {
      source.behaviours.delete(data);
      // Half of the file, and then nothing: it is killed while it waits.
      response.writeHead(200, { etag: '"half"', 'content-length': whole.length });
      response.write(whole.subarray(0, whole.length / 2), () => setTimeout(() => kill(signal), 300));
      request.socket.on('close', () => response.destroy());
    });
    const outcome = await run([source.url, '--unsigned'], (killer) => {
      kill = killer;
    });
    t.is(outcome.code, code, outcome.stderr);
    t.regex(outcome.stderr, /stopped by SIG/);
    t.deepEqual(await images(), []);
    t.deepEqual(server.storedFiles(), []);
    t.is(left('.cache', 'image-sync').filter((name) => name.endsWith('.part')).length, 1);
    const next = await run([source.url, '--unsigned']);
    t.is(next.code, 0, next.stderr);
    t.deepEqual(
      (await images()).map(({ status }) => status),
      ['active'],
    );
    t.deepEqual(left('.cache', 'image-sync'), []);
  });
}

test('Two runs of one job at a time: the second one gives way', async (t) => {
  const { source, run, data } = await rig(t);
  const bytes = source.files.get(data);
  let second: Promise<Outcome> | undefined;
  source.behaviours.set(data, (_, response) => {
    second = run([source.url, '--unsigned']);
    void second.then(() => response.end(bytes));
  });
  t.is((await run([source.url, '--unsigned'])).code, 0);
  const outcome = await second;
  t.is(outcome?.code, 1);
  t.regex(outcome?.stderr ?? '', /Another image-sync is at work/);
});
