import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parseChecksumFile, writeChecksumFile } from '../../../src/sync/formats/checksum-file.js';
import { refusal } from './refusal.js';

const run = promisify(execFile);
const TOOLS = { md5: 'md5sum', sha1: 'sha1sum', sha256: 'sha256sum', sha512: 'sha512sum' } as const;
const gnu = spawnSync('sha256sum', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU coreutils') === true;
const withTools = gnu ? test : test.skip;
const GNU = 'with GNU coreutils';

const NAMES = [
  'images/debian/12/a.properties',
  'images/debian/12/a.qcow2.gz',
  'a b',
  ' leading space',
  '*star',
  'a (1) = b',
  '#hash',
  '-dash',
  'é/日本 \u{1f600}.img',
  'it\'s "quoted"',
  'a+b~c:d@e%f',
];

async function withFiles(work: (folder: string) => Promise<void>, names: readonly string[] = NAMES): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'checksums-'));
  try {
    for (const [index, name] of names.entries()) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), `content ${index}`);
    }
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const [algorithm, tool] of Object.entries(TOOLS)) {
  withTools(
    `${tool}: its plain, binary and tagged output is read alike, and ours passes its strict check, ${GNU}`,
    (t) =>
      withFiles(async (cwd) => {
        const print = async (...options: readonly string[]) =>
          (await run(tool, [...options, '--', ...NAMES], { cwd })).stdout;
        const plain = parseChecksumFile(await print());
        t.deepEqual([plain.algorithm], [algorithm]);
        t.deepEqual(
          plain.entries.map(({ path }) => path),
          NAMES,
        );
        t.true(plain.entries.every(({ binary }) => !binary));
        const marked = parseChecksumFile(await print('--binary'));
        t.deepEqual(
          marked.entries,
          plain.entries.map((entry) => ({ ...entry, binary: true })),
        );
        t.deepEqual(parseChecksumFile(await print('--tag')), plain);

        const text = writeChecksumFile(plain.entries);
        await writeFile(join(cwd, 'list'), text);
        const { stdout } = await run(tool, ['--check', '--strict', 'list'], { cwd });
        t.is(stdout.match(/: OK$/gm)?.length, NAMES.length);
        t.is(text.split('\n')[0]?.slice(-'images/debian/12/a.properties'.length), NAMES[0]);
      }),
  );
}

withTools(`names that it escapes are unescaped, and then refused, ${GNU}`, (t) =>
  withFiles(
    async (cwd) => {
      for (const [name, reason] of [
        ['new\nline', /^the path "new\\nline" has a control character$/],
        ['back\\slash', /^the path "back\\\\slash" has a backslash$/],
      ] as const) {
        for (const options of [[], ['--tag']]) {
          const { stdout } = await run('sha256sum', [...options, name], { cwd });
          t.true(stdout.startsWith('\\'));
          refusal(t, () => parseChecksumFile(stdout), 'refused', reason);
        }
      }
    },
    ['new\nline', 'back\\slash'],
  ),
);

withTools(`b2sum: tagged output is BLAKE2b, ${GNU}`, (t) =>
  withFiles(async (cwd) => {
    const { stdout } = await run('b2sum', ['--tag', '--', ...NAMES], { cwd });
    const { algorithm, entries } = parseChecksumFile(stdout);
    t.is(algorithm, 'blake2b');
    t.deepEqual(
      entries.map(({ path }) => path),
      NAMES,
    );
  }),
);
