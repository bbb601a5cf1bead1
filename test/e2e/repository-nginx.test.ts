import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import anyTest from 'ava';
import { repositoryFolder, serving } from '../http/repository/rig.js';
import { exchange, type RawAnswer, request } from '../support/raw-http.js';
import { NGINX, nginxWithSample } from '../support/repository-nginx.js';

const IMAGE = gzipSync('an image '.repeat(1000));
const PATH = 'images/debian/12/amd64/generic/20261120/debian.qcow2.gz';
const FILES = {
  'index.html': '<!doctype html>',
  'repo.json': '{}',
  'repo/1.json': '{}',
  'feed.xml': '<feed/>',
  'SHA256SUMS.asc': 'signed',
  'SHA256SUMS.gpg': 'signature',
  'pubkey.asc': 'key',
  md5sum: 'x',
  'streams/v1/index.json': '{}',
  'streams/v1/index.sjson': 'signed',
  'images/debian/12/amd64/generic/20261120/debian.properties': 'disk_format=qcow2\n',
  'images/debian/12/amd64/generic/20261120/debian.meta4': '<metalink/>',
  'images/debian/12/amd64/generic/20261120/SHA256SUMS': 'x',
};

const test = NGINX === undefined ? anyTest.skip : anyTest;

test('nginx with the sample answers as the server itself does (needs nginx)', async (t) => {
  const { path, publish } = await repositoryFolder(t);
  await publish(1, { [PATH]: IMAGE }, FILES);
  const port = await nginxWithSample(t, path);
  const own = await serving(t, path);
  const ask = async (
    name: string,
    headers: Readonly<Record<string, string>> = {},
    method = 'GET',
  ): Promise<RawAnswer> => {
    const bytes = request(method, name, { Connection: 'close', ...headers });
    const answer = await exchange(port, bytes, { head: method === 'HEAD' });
    if (answer === undefined) throw new Error('no answer');
    return answer;
  };
  for (const name of ['', PATH, 'SHA256SUMS', ...Object.keys(FILES)]) {
    const [theirs, ours] = [
      await ask(`/${name}`, { 'Accept-Encoding': 'gzip' }, 'HEAD'),
      await own.ask(`/repository/${name}`, {}, 'HEAD'),
    ];
    t.is(theirs.status, 200, name);
    for (const header of [
      'content-type',
      'cache-control',
      'content-length',
      'accept-ranges',
      'x-content-type-options',
    ]) {
      t.is(theirs.headers.get(header)?.toLowerCase(), ours.headers.get(header)?.toLowerCase(), `${header} of ${name}`);
    }
    t.regex(theirs.headers.get('last-modified') ?? '', /GMT$/);
    t.regex(theirs.headers.get('etag') ?? '', /^"/);
    t.false(theirs.headers.has('content-encoding'));
  }
  const whole = await ask(`/${PATH}`, { 'Accept-Encoding': 'gzip' });
  t.true(whole.body.equals(IMAGE));
  const part = await ask(`/${PATH}`, { Range: 'bytes=5-9', 'If-Range': whole.headers.get('etag') ?? '' });
  t.is(part.status, 206);
  t.is(part.headers.get('content-range'), `bytes 5-9/${IMAGE.length}`);
  t.true(part.body.equals(IMAGE.subarray(5, 10)));
  t.is((await ask(`/${PATH}`, { 'If-None-Match': whole.headers.get('etag') ?? '' })).status, 304);
  t.is((await ask(`/${PATH}`, { Range: `bytes=${IMAGE.length}-` })).status, 416);
  t.is((await ask(`/${PATH}`, {}, 'PUT')).status, 405);

  const tree = join(path, '.generations', readdirSync(join(path, '.generations'))[0] ?? '');
  writeFileSync(join(tree, '.secret'), 'secret');
  symlinkSync('/etc/passwd', join(tree, 'link'));
  for (const name of [
    '.secret',
    '.generations/1/SHA256SUMS',
    '.pool',
    '%2esecret',
    'link',
    'images',
    'images/',
    'nothing',
    '../.state/format',
    '..%2f.state/format',
  ]) {
    t.true([400, 404].includes((await ask(`/${name}`)).status) || name === 'images', name);
  }

  await publish(2, { [PATH]: IMAGE, 'images/new': Buffer.from('new') }, FILES);
  t.is((await ask('/images/new')).body.toString(), 'new');
});
