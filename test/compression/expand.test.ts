import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import test from 'ava';
import { compress } from '../../src/compression/compress.js';
import type { CompressionErrorKind } from '../../src/compression/compression-error.js';
import { ENCODINGS, type Encoding } from '../../src/compression/encoding.js';
import { expand } from '../../src/compression/expand.js';
import { SeededRandom } from '../support/random.js';
import { available, children, collect, cut, MIB } from './support.js';

const { signal } = new AbortController();
const random = new SeededRandom(11);
const NOISE = random.bytes(3 * MIB + 5);

test.serial.afterEach.always('no process is left', (t) => {
  t.deepEqual(children(), []);
});

function pack(encoding: Encoding, bytes: Uint8Array): Promise<Buffer> {
  return collect(compress(encoding, cut(bytes, MIB), signal));
}

function unpack(encoding: Encoding, bytes: Uint8Array, maxBytes = 64 * MIB, chunk = MIB): Promise<Buffer> {
  return collect(expand(encoding, cut(bytes, chunk), { maxBytes, signal }));
}

async function refused(encoding: Encoding, bytes: Uint8Array, chunk?: number): Promise<string> {
  try {
    await unpack(encoding, bytes, undefined, chunk);
  } catch (error) {
    const { name, kind, message } = Object(error);
    return `${name} ${kind} ${message}`;
  }
  return 'taken';
}

const is = (kind: CompressionErrorKind, encoding: string): RegExp =>
  new RegExp(`^CompressionError ${kind} ${encoding}: \\S`);

for (const encoding of ENCODINGS) {
  if (encoding === 'none') continue;
  const run = available.includes(encoding) ? test.serial : test.serial.skip;
  const title = available.includes(encoding) ? '' : ` (skipped: the program ${encoding} is not installed)`;

  run(
    `${encoding}: broken bytes are invalid: cut anywhere, changed, followed by others, none at all${title}`,
    async (t) => {
      const good = await pack(encoding, NOISE);
      for (const length of [0, 1, 5, 11, good.length >> 1, good.length - 4, good.length - 1]) {
        t.regex(await refused(encoding, good.subarray(0, length)), is('invalid', encoding), `${length} bytes`);
      }
      const changed = Buffer.from(good);
      changed[good.length >> 1] = (changed[good.length >> 1] ?? 0) ^ 0x10;
      t.regex(await refused(encoding, changed), is('invalid', encoding));
      for (const garbage of ['x', 'garbage behind it', '<html>', '\x1f', '\x00\x00\x00\x00\x00\x00\x00x']) {
        const followed = Buffer.concat([good, Buffer.from(garbage)]);
        t.regex(await refused(encoding, followed), is('invalid', encoding), JSON.stringify(garbage));
        t.regex(await refused(encoding, followed, good.length), is('invalid', encoding), 'in a chunk of its own');
      }
      t.regex(
        await refused(encoding, Buffer.from('this is no such file, and long enough to know')),
        is('invalid', encoding),
      );
      t.true((await unpack(encoding, good)).equals(NOISE), 'the whole file is fine');
    },
  );

  run(`${encoding}: members one after another${title}`, async (t) => {
    const parts = [
      NOISE.subarray(0, 100_000),
      new Uint8Array(0),
      NOISE.subarray(100_000, 100_001),
      NOISE.subarray(200_000),
    ];
    const packed = await Promise.all(parts.map((part) => pack(encoding, part)));
    for (const chunk of [packed[0]?.length ?? 0, 1000, MIB]) {
      t.true((await unpack(encoding, Buffer.concat(packed), undefined, chunk)).equals(Buffer.concat(parts)));
    }
  });

  run(`${encoding}: the limit is exact to the byte${title}`, async (t) => {
    const good = await pack(encoding, NOISE);
    t.is((await unpack(encoding, good, NOISE.length)).length, NOISE.length);
    for (const maxBytes of [0, 1, MIB, NOISE.length - 1]) {
      let size = 0;
      const reading = async (): Promise<void> => {
        for await (const chunk of expand(encoding, cut(good, MIB), { maxBytes, signal })) size += chunk.length;
      };
      const error = await t.throwsAsync(reading());
      t.is(error?.message, `${encoding}: it expands to more than ${maxBytes} bytes`);
      t.is(Object(error).kind, 'too-large');
      t.is(size, maxBytes);
    }
  });

  run(`${encoding}: 10 GiB of zeros stop at the limit, unread and in bounded memory${title}`, async (t) => {
    const member = await pack(encoding, Buffer.alloc(64 * MIB));
    let given = 0;
    let closed = false;
    async function* bomb(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (; given < 160; given++) yield member;
      } finally {
        closed = true;
      }
    }
    let size = 0;
    const before = process.memoryUsage().rss;
    const reading = async (): Promise<void> => {
      for await (const chunk of expand(encoding, bomb(), { maxBytes: 100 * MIB, signal })) size += chunk.length;
    };
    await t.throwsAsync(reading(), { message: `${encoding}: it expands to more than ${100 * MIB} bytes` });
    t.is(size, 100 * MIB);
    t.true(closed);
    t.true(process.memoryUsage().rss - before < 150 * MIB);
  });

  run(`${encoding}: a loop left early, a failing and a silent stream${title}`, async (t) => {
    const good = await pack(encoding, NOISE);
    const source = Readable.from([good.subarray(0, 70_000), good.subarray(70_000)], { objectMode: false });
    for await (const chunk of expand(encoding, source, { maxBytes: 64 * MIB, signal })) {
      t.true(chunk.length > 0);
      break;
    }
    t.true(source.destroyed);
    t.deepEqual(children(), []);

    const cutOff = new Error('connection reset');
    const failing = new Readable({ read() {} });
    failing.push(good.subarray(0, 50_000));
    setImmediate(() => failing.destroy(cutOff));
    t.is(await t.throwsAsync(collect(expand(encoding, failing, { maxBytes: 64 * MIB, signal }))), cutOff);
    t.deepEqual(children(), []);

    const controller = new AbortController();
    const silent = new Readable({ read() {} });
    silent.push(good.subarray(0, 50_000));
    setImmediate(() => controller.abort(cutOff));
    const expanding = collect(expand(encoding, silent, { maxBytes: 64 * MIB, signal: controller.signal }));
    t.is(await t.throwsAsync(expanding), cutOff);
    t.true(silent.destroyed);
  });
}

test.serial('gzip: zeros behind the last member are padding, as on a tape', async (t) => {
  const good = await pack('gzip', NOISE);
  for (const zeros of [1, 512, 3 * MIB]) {
    const padded = Buffer.concat([good, Buffer.alloc(zeros)]);
    t.true((await unpack('gzip', padded)).equals(NOISE));
    t.true((await unpack('gzip', padded, undefined, good.length)).equals(NOISE));
    t.regex(await refused('gzip', Buffer.concat([padded, good])), is('invalid', 'gzip'));
  }
});

const withTools = ['bzip2', 'xz', 'zstd'].every((encoding) => available.some((name) => name === encoding));
const toolTest = withTools ? test.serial : test.serial.skip;

toolTest(
  'files of the programs themselves: their strongest settings pass, what needs more memory does not',
  async (t) => {
    const tools: [Encoding, string, string[]][] = [
      ['gzip', 'gzip', ['-9', '-c']],
      ['bzip2', 'bzip2', ['-1', '-c']],
      ['xz', 'xz', ['-9e', '-c']],
      ['xz', 'xz', ['-2', '-c', '-T2', '--block-size=100KiB']],
      ['xz', 'xz', ['-c', '--check=sha256']],
      ['zstd', 'zstd', ['-c', '-q', '--ultra', '-22', '--no-check']],
      ['zstd', 'zstd', ['-c', '-q', '--long=27', '-T2']],
    ];
    const pack = (program: string, args: string[]): Buffer =>
      execFileSync(program, args, { input: NOISE, maxBuffer: 8 * MIB });
    for (const [encoding, program, args] of tools) {
      t.true((await unpack(encoding, pack(program, args))).equals(NOISE), args.join(' '));
    }
    t.regex(await refused('xz', pack('xz', ['-c', '--lzma2=dict=512MiB'])), is('too-large', 'xz'));
    t.regex(await refused('zstd', pack('zstd', ['-c', '-q', '--long=30'])), is('too-large', 'zstd'));
  },
);

toolTest('zstd: frames of other programs are no zstd, though the tool would read them', async (t) => {
  const zstd = await pack('zstd', NOISE.subarray(0, 1000));
  const others: Buffer[] = await Promise.all([pack('gzip', NOISE), pack('xz', NOISE)]);
  for (const other of others) {
    t.regex(await refused('zstd', other), is('invalid', 'zstd'));
    t.regex(await refused('zstd', Buffer.concat([zstd, other])), is('invalid', 'zstd'));
  }
  const skippable = Buffer.concat([Buffer.from('5a2a4d1805000000', 'hex'), Buffer.from('hello')]);
  const mixed = Buffer.concat([skippable, zstd, skippable, zstd]);
  for (const chunk of [1, 7, MIB]) {
    const expanded = await unpack('zstd', mixed, undefined, chunk);
    t.true(expanded.equals(Buffer.concat([NOISE.subarray(0, 1000), NOISE.subarray(0, 1000)])));
  }
});

test.serial('bytes that are not encoded have a limit too', async (t) => {
  t.true((await unpack('none', NOISE)).equals(NOISE));
  await t.throwsAsync(unpack('none', NOISE, 1000), { message: 'there are more than 1000 bytes' });
});
