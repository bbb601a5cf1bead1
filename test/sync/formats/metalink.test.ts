import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { writeMetalink } from '../../../src/sync/formats/metalink.js';
import { refusal } from './refusal.js';

const run = promisify(execFile);
const withAria2 = spawnSync('aria2c', ['--version']).error === undefined ? test : test.skip;
const ARIA2 = 'with aria2c (Debian: aria2)';
const UPDATED = new Date('2026-11-20T10:20:30Z');

test('the document', (t) => {
  const text = writeMetalink({
    name: 'a"<&>b.img',
    size: 9007199254740991,
    digests: { sha512: 'ff', md5: 'aa', sha256: 'ee', sha1: 'bb' },
    urls: ['https://one.example/a?b=1&c=2', 'https://two.example/a'],
    updated: UPDATED,
  });
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    '  <generator>Glimpse</generator>',
    '  <published>2026-11-20T10:20:30.000Z</published>',
    '  <file name="a&quot;&lt;&amp;&gt;b.img">',
    '    <size>9007199254740991</size>',
    '    <hash type="sha-512">ff</hash>',
    '    <hash type="sha-256">ee</hash>',
    '    <hash type="sha-1">bb</hash>',
    '    <hash type="md5">aa</hash>',
    '    <url priority="1">https://one.example/a?b=1&amp;c=2</url>',
    '    <url priority="2">https://two.example/a</url>',
    '  </file>',
    '</metalink>',
    '',
  ];
  t.is(text, lines.join('\n'));
});

test('a name that leaves the folder is refused', (t) => {
  const file = { size: 1, digests: {}, urls: [], updated: UPDATED };
  for (const name of ['../a', '/a', 'a\\b', 'a\nb'])
    refusal(t, () => writeMetalink({ ...file, name }), 'refused', /^the path /);
});

const BYTES = Buffer.from('an image\n'.repeat(10_000));

/** Runs aria2c with a Metalink file of these bytes: the first address is of nobody, the second of a server that sends `sent`. */
async function fetched(sent: Buffer): Promise<{ readonly failed: boolean; readonly bytes: Buffer | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'metalink-'));
  const server = createServer((request, response) => {
    if (request.url === '/a.img') response.end(sent);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const hash = (algorithm: string) => createHash(algorithm).update(BYTES).digest('hex');
  try {
    const document = writeMetalink({
      name: 'a.img',
      size: BYTES.length,
      digests: { md5: hash('md5'), sha1: hash('sha1'), sha256: hash('sha256'), sha512: hash('sha512') },
      urls: [`http://127.0.0.1:${port}/gone.img`, `http://127.0.0.1:${port}/a.img`],
      updated: UPDATED,
    });
    await writeFile(join(folder, 'a.meta4'), document);
    const options = ['--no-conf', '--quiet', '--split=1', '--max-tries=1', '--metalink-file=a.meta4'];
    const failed = await run('aria2c', options, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } }).then(
      () => false,
      () => true,
    );
    const names = await readdir(folder);
    return { failed, bytes: names.includes('a.img') ? await readFile(join(folder, 'a.img')) : undefined };
  } finally {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  }
}

withAria2(`aria2c fetches from the second address and checks the hash, ${ARIA2}`, async (t) => {
  const { failed, bytes } = await fetched(BYTES);
  t.false(failed);
  t.deepEqual(bytes, BYTES);
});

withAria2(`aria2c refuses other bytes of the same size, ${ARIA2}`, async (t) => {
  const other = Buffer.from(BYTES);
  other.write('another');
  t.true((await fetched(other)).failed);
});
