import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { compress } from '../../src/compression/compress.js';
import { CompressionError } from '../../src/compression/compression-error.js';
import { ENCODINGS, type Encoding } from '../../src/compression/encoding.js';
import { expand } from '../../src/compression/expand.js';
import { SeededRandom } from '../support/random.js';
import { available, children, collect, cut, MIB } from './support.js';

const { signal } = new AbortController();

/** Half of it noise, half of it text, as images are. */
function sample(length: number): Buffer {
  const random = new SeededRandom(7);
  const bytes = random.bytes(length);
  for (let at = 0; at < length; at += 8192)
    bytes.fill('some words, ', at, Math.min(length, at + random.integer(0, 8192)));
  return bytes;
}

function tester(encoding: Encoding) {
  return available.includes(encoding) ? test.serial : test.serial.skip;
}

test.serial.afterEach.always('no process is left', (t) => {
  t.deepEqual(children(), []);
});

const PROGRAMS = { gzip: 'gzip', bzip2: 'bzip2', xz: 'xz', zstd: 'zstd' } as const;

for (const encoding of ENCODINGS) {
  const title = available.includes(encoding) ? '' : ` (skipped: the program ${encoding} is not installed)`;
  tester(encoding)(
    `${encoding}: what is compressed expands to the same, whatever the chunks are${title}`,
    async (t) => {
      for (const length of [0, 1, MIB, 3 * MIB + 17]) {
        const bytes = sample(length);
        const seen = new Set<string>();
        for (const size of [1 + Math.floor(length / 1000), 65_536, 2 * MIB]) {
          const compressed = await collect(compress(encoding, cut(bytes, size), signal));
          seen.add(createHash('sha256').update(compressed).digest('hex'));
          const expanded = await collect(expand(encoding, cut(compressed, size), { maxBytes: length, signal }));
          t.true(expanded.equals(bytes), `${length} bytes in chunks of ${size}`);
        }
        t.is(seen.size, 1, 'the file depends on the bytes alone');
      }
    },
  );

  if (encoding === 'none') continue;
  tester(encoding)(`${encoding}: the encoding's own program reads it${title}`, async (t) => {
    const bytes = sample(MIB);
    const compressed = await collect(compress(encoding, cut(bytes, 70_000), signal));
    t.true(compressed.length < bytes.length);
    const read = execFileSync(PROGRAMS[encoding], ['-d', '-c'], { input: compressed, maxBuffer: 2 * MIB });
    t.true(read.equals(bytes));
  });

  tester(encoding)(`${encoding}: a source that fails, an abort and a loop left early end it${title}`, async (t) => {
    const closed: string[] = [];
    async function* endless(name: string, act: (pulled: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
      const noise = sample(MIB);
      try {
        for (let pulled = 0; ; pulled++) {
          act(pulled);
          yield noise;
          await new Promise(setImmediate);
        }
      } finally {
        closed.push(name);
      }
    }
    const broken = new Error('the disk is gone');
    const fails = endless('fails', (pulled) => {
      if (pulled === 3) throw broken;
    });
    t.is(await t.throwsAsync(collect(compress(encoding, fails, signal))), broken);
    t.deepEqual(children(), []);

    const controller = new AbortController();
    const reason = new Error('stopped');
    const aborted = endless('aborted', (pulled) => {
      if (pulled === 3) controller.abort(reason);
    });
    t.is(await t.throwsAsync(collect(compress(encoding, aborted, controller.signal))), reason);
    t.deepEqual(children(), []);
    t.is(
      await t.throwsAsync(collect(compress(encoding, cut(sample(5), 5), controller.signal))),
      reason,
      'from the start',
    );

    for await (const chunk of compress(
      encoding,
      endless('left', () => {}),
      signal,
    )) {
      t.true(chunk.length > 0);
      break;
    }
    t.deepEqual(children(), []);
    while (closed.length < 3) await new Promise(setImmediate);
    t.deepEqual(closed, ['fails', 'aborted', 'left']);
  });
}

test.serial('a source that never speaks again does not hold an abort up', async (t) => {
  for (const encoding of available.filter((name) => name !== 'none')) {
    const controller = new AbortController();
    async function* silent(): AsyncGenerator<Uint8Array, void, undefined> {
      yield sample(10);
      setImmediate(() => controller.abort(new Error('stopped')));
      await new Promise(() => {});
    }
    await t.throwsAsync(collect(compress(encoding, silent(), controller.signal)), { message: 'stopped' });
    await t.throwsAsync(collect(expand(encoding, silent(), { maxBytes: 1, signal: controller.signal })), {
      message: 'stopped',
    });
  }
});

test.serial('gzip files hold neither a name nor a time', async (t) => {
  const compressed = await collect(compress('gzip', cut(sample(100), 100), signal));
  t.is(compressed.subarray(0, 8).toString('hex'), '1f8b080000000000');
  t.true(gunzipSync(compressed).equals(sample(100)));
});

test.serial('settings of the tools in the environment change nothing', async (t) => {
  const bytes = sample(MIB);
  const plain = await Promise.all(available.map((encoding) => collect(compress(encoding, cut(bytes, MIB), signal))));
  const set = { XZ_OPT: '--extreme', XZ_DEFAULTS: '--extreme', ZSTD_CLEVEL: '1', BZIP2: '-v', BZIP: '-v', GZIP: '-1' };
  Object.assign(process.env, set);
  t.teardown(() => {
    for (const name of Object.keys(set)) delete process.env[name];
  });
  for (const [index, encoding] of available.entries()) {
    const again = await collect(compress(encoding, cut(bytes, MIB), signal));
    t.true(plain[index]?.equals(again), encoding);
    t.true((await collect(expand(encoding, cut(again, MIB), { maxBytes: MIB, signal }))).equals(bytes), encoding);
  }
});

test.serial('without its program an encoding is unavailable', async (t) => {
  const { findTool, availableEncodings } = await import('../../src/compression/tools.js');
  // Tools that were found are remembered; one that was never looked for is not.
  const { PATH } = process.env;
  const fresh: typeof import('../../src/compression/tools.js') = await import(
    `${new URL('../../src/compression/tools.js', import.meta.url)}?fresh`
  );
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = '/nowhere:relative:';
  t.deepEqual(await fresh.availableEncodings(), ['none', 'gzip']);
  const error = await t.throwsAsync(fresh.findTool('xz'));
  t.is(error?.message, 'xz: the program xz is not installed');
  t.is(error?.name, 'CompressionError');
  t.deepEqual(await availableEncodings(), available);
  if (available.includes('xz')) t.regex(await findTool('xz'), /^\/.*\/xz$/);
  t.true(new CompressionError('unavailable', '') instanceof Error);
});
