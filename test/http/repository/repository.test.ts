import { randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { repositoryFolder, serving, sha256 } from './rig.js';

const IMAGE = gzipSync(randomBytes(300_000));
const HASH = sha256(IMAGE);
const PATH = 'images/debian/12/amd64/generic/20261120/debian.qcow2.gz';
const SIDECAR = 'images/debian/12/amd64/generic/20261120/debian.properties';
const TEXTS = {
  'index.html': '<!doctype html>',
  'repo.json': '{"format":"image-repo:1"}',
  'repo/1.json': '{"format":"image-repo:1"}',
  'feed.xml': '<feed/>',
  'SHA256SUMS.asc': '-----BEGIN PGP SIGNED MESSAGE-----',
  'SHA256SUMS.gpg': 'signature',
  'pubkey.asc': '-----BEGIN PGP PUBLIC KEY BLOCK-----',
  md5sum: 'x',
  'sets/all.SHA256SUMS': 'x',
  'streams/v1/index.json': '{}',
  'streams/v1/index.sjson': 'signed',
  'images/debian/12/amd64/generic/20261120/SHA256SUMS': `${HASH}  debian.qcow2.gz\n`,
  'images/debian/12/amd64/generic/20261120/debian.qcow2.gz.meta4': '<metalink/>',
};

async function rig(t: ExecutionContext) {
  const folder = await repositoryFolder(t);
  await folder.publish(1, { [PATH]: IMAGE, [SIDECAR]: Buffer.from('disk_format=qcow2\n') }, TEXTS);
  return { ...folder, ...(await serving(t, folder.path)) };
}

const IMMUTABLE = 'public, max-age=31536000, immutable';
const FRESH = 'public, max-age=60, stale-while-revalidate=30, must-revalidate';

test('an image is sent as it is, with all that a mirror goes by', async (t) => {
  const { ask } = await rig(t);
  const { status, headers, body } = await ask(`/repository/${PATH}`, { 'Accept-Encoding': 'gzip, br' });
  t.is(status, 200);
  t.true(body.equals(IMAGE));
  t.is(headers.get('content-length'), String(IMAGE.length));
  t.is(headers.get('content-type'), 'application/octet-stream');
  t.false(headers.has('content-encoding'));
  t.is(headers.get('etag'), `"sha256-${HASH}"`);
  t.is(headers.get('cache-control'), IMMUTABLE);
  t.is(headers.get('accept-ranges'), 'bytes');
  const digest = Buffer.from(HASH, 'hex').toString('base64');
  t.is(headers.get('repr-digest'), `sha-256=:${digest}:`);
  t.is(headers.get('digest'), `sha-256=${digest}`);
  t.regex(headers.get('last-modified') ?? '', /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  t.true(Date.parse(headers.get('last-modified') ?? '') < Date.now());
});

test('HEAD says what GET says, without the body', async (t) => {
  const { ask } = await rig(t);
  for (const path of [PATH, 'SHA256SUMS', '', `by-hash/sha256/${HASH}`]) {
    const [get, head] = [await ask(`/repository/${path}`), await ask(`/repository/${path}`, {}, 'HEAD')];
    t.is(head.status, 200);
    const without = (headers: ReadonlyMap<string, string>) =>
      [...headers].filter(([name]) => !/^(date|last-mod)/.test(name));
    t.deepEqual(without(head.headers), without(get.headers));
    t.true(head.headers.has('last-modified'));
  }
});

test('every kind of file has its type and its caching rule', async (t) => {
  const { ask } = await rig(t);
  const text = 'text/plain; charset=utf-8';
  const rows: readonly [string, string, string][] = [
    ['', 'text/html; charset=utf-8', FRESH],
    ['index.html', 'text/html; charset=utf-8', FRESH],
    ['repo.json', 'application/json', FRESH],
    ['repo/1.json', 'application/json', IMMUTABLE],
    ['feed.xml', 'application/atom+xml; charset=utf-8', FRESH],
    ['SHA256SUMS', text, FRESH],
    ['SHA256SUMS.asc', text, FRESH],
    ['SHA256SUMS.gpg', 'application/pgp-signature', FRESH],
    ['pubkey.asc', 'application/pgp-keys', FRESH],
    ['md5sum', text, FRESH],
    ['sets/all.SHA256SUMS', text, FRESH],
    ['streams/v1/index.json', 'application/json', FRESH],
    ['streams/v1/index.sjson', text, FRESH],
    [PATH, 'application/octet-stream', IMMUTABLE],
    [SIDECAR, text, IMMUTABLE],
    [`${PATH}.meta4`, 'application/metalink4+xml', FRESH],
    ['images/debian/12/amd64/generic/20261120/SHA256SUMS', text, FRESH],
    [`by-hash/sha256/${HASH}`, 'application/octet-stream', IMMUTABLE],
  ];
  for (const [path, type, caching] of rows) {
    const { status, headers } = await ask(`/repository/${path}`, {}, 'HEAD');
    t.is(status, 200, path);
    t.is(headers.get('content-type'), type, path);
    t.is(headers.get('cache-control'), caching, path);
    t.is(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('what no list names has a strong tag too, of its own bytes', async (t) => {
  const { ask } = await rig(t);
  const { headers, body } = await ask('/repository/repo.json');
  t.is(headers.get('etag'), `"sha256-${sha256(body)}"`);
  const big = await repositoryFolder(t);
  await big.publish(1, {}, { trace: 'x'.repeat(5 * 1024 * 1024) });
  const other = await serving(t, big.path);
  const tag = (await other.ask('/repository/trace', {}, 'HEAD')).headers.get('etag') ?? '';
  t.regex(tag, /^"[0-9a-z-]+"$/, 'strong, though nobody hashed it');
  t.false((await other.ask('/repository/trace', {}, 'HEAD')).headers.has('repr-digest'));
  await big.publish(2, {}, { trace: 'y'.repeat(5 * 1024 * 1024) });
  t.not((await other.ask('/repository/trace', {}, 'HEAD')).headers.get('etag'), tag);
});

test('the folder itself is its page, wherever a proxy has it', async (t) => {
  const { ask } = await rig(t);
  const { status, headers } = await ask('/repository');
  t.is(status, 301);
  t.is(headers.get('location'), 'repository/');
  t.is((await ask('/repository/')).body.toString(), TEXTS['index.html']);
  t.is((await ask('/repository/?a=b')).status, 200);
});

test('ranges: first, middle, last, beyond, and none', async (t) => {
  const { ask } = await rig(t);
  const size = IMAGE.length;
  const rows: readonly [string, number, number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=10-99', 10, 99],
    ['bytes=1000-', 1000, size - 1],
    ['bytes=-7', size - 7, size - 1],
    [`bytes=5-${size + 5}`, 5, size - 1],
  ];
  for (const [range, start, end] of rows) {
    const { status, headers, body } = await ask(`/repository/${PATH}`, { Range: range });
    t.is(status, 206, range);
    t.is(headers.get('content-range'), `bytes ${start}-${end}/${size}`);
    t.is(headers.get('content-length'), String(end - start + 1));
    t.true(body.equals(IMAGE.subarray(start, end + 1)));
    t.is(headers.get('etag'), `"sha256-${HASH}"`);
    t.true(headers.has('repr-digest'));
  }
  const outside = await ask(`/repository/${PATH}`, { Range: `bytes=${size}-` });
  t.is(outside.status, 416);
  t.is(outside.headers.get('content-range'), `bytes */${size}`);
  t.false(outside.headers.has('cache-control'), 'a refusal is not kept');
  t.is((await ask(`/repository/${PATH}`, { Range: 'bytes=0-1,3-4' })).status, 400);
  t.is((await ask(`/repository/${PATH}`, { Range: 'bytes=0-1' }, 'HEAD')).status, 200, 'ranges are of GET alone');
});

test('If-Range: the part for those who have the rest of these very bytes, else the whole', async (t) => {
  const { ask, path } = await rig(t);
  const written = new Date('2026-03-04T05:06:07.890Z');
  utimesSync(join(path, 'current', PATH), written, written);
  const rows: readonly [string, number][] = [
    [`"sha256-${HASH}"`, 206],
    [`W/"sha256-${HASH}"`, 200],
    [`"sha256-${sha256('other')}"`, 200],
    ['Wed, 04 Mar 2026 05:06:07 GMT', 206],
    ['Wed, 04 Mar 2026 05:06:08 GMT', 200],
    ['Wed, 04 Mar 2026 05:06:06 GMT', 200],
    ['yesterday', 200],
  ];
  for (const [condition, status] of rows) {
    t.is((await ask(`/repository/${PATH}`, { Range: 'bytes=1-2', 'If-Range': condition })).status, status, condition);
  }
});

test('a file that is younger than a second, or of a time to come, is dated a second back', async (t) => {
  const { ask, path } = await rig(t);
  const soon = new Date(Date.now() + 3_600_000);
  utimesSync(join(path, 'current', PATH), soon, soon);
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { headers } = await ask(`/repository/${PATH}`);
  const date = Date.parse(headers.get('last-modified') ?? '');
  t.true(date >= before - 1000 && date <= Date.now() - 1000, headers.get('last-modified'));
});

test('conditions are answered in their order', async (t) => {
  const { ask } = await rig(t);
  const past = 'Thu, 01 Jan 2026 00:00:00 GMT';
  const future = 'Fri, 01 Jan 2100 00:00:00 GMT';
  const tag = `"sha256-${HASH}"`;
  const rows: readonly [Readonly<Record<string, string>>, number][] = [
    [{ 'If-None-Match': tag }, 304],
    [{ 'If-None-Match': `W/${tag}` }, 304],
    [{ 'If-None-Match': `"a", ${tag}` }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': '"a"' }, 200],
    [{ 'If-None-Match': '"a"', 'If-Modified-Since': future }, 200],
    [{ 'If-Modified-Since': future }, 304],
    [{ 'If-Modified-Since': past }, 200],
    [{ 'If-Modified-Since': 'nonsense' }, 200],
    [{ 'If-Match': tag }, 200],
    [{ 'If-Match': '*' }, 200],
    [{ 'If-Match': `W/${tag}` }, 412],
    [{ 'If-Match': '"a"' }, 412],
    [{ 'If-Unmodified-Since': past }, 412],
    [{ 'If-Unmodified-Since': future }, 200],
    [{ 'If-Match': tag, 'If-Unmodified-Since': past }, 200],
    [{ 'If-None-Match': tag, Range: 'bytes=0-1' }, 304],
  ];
  for (const [headers, status] of rows) {
    const answer = await ask(`/repository/${PATH}`, headers);
    t.is(answer.status, status, JSON.stringify(headers));
    if (status !== 304) continue;
    t.is(answer.headers.get('etag'), tag);
    t.is(answer.headers.get('cache-control'), IMMUTABLE);
  }
});

test('only GET and HEAD', async (t) => {
  const { ask } = await rig(t);
  for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    const { status, headers } = await ask('/repository/index.html', {}, method);
    t.is(status, 405, method);
    t.is(headers.get('allow'), 'GET, HEAD');
  }
});

test('a file that left the lists keeps its tag by the list of its folder', async (t) => {
  const { publish, ask } = await rig(t);
  const list = 'images/debian/12/amd64/generic/20261120/SHA256SUMS';
  await publish(2, { 'images/new.qcow2': Buffer.from('new') }, {}, [PATH, list]);
  const { status, headers } = await ask(`/repository/${PATH}`, { Range: 'bytes=5-', 'If-Range': `"sha256-${HASH}"` });
  t.is(status, 206);
  t.is(headers.get('etag'), `"sha256-${HASH}"`);
});

test('before the first generation there is nothing', async (t) => {
  const { path } = await repositoryFolder(t);
  const { ask } = await serving(t, path);
  for (const name of ['', 'SHA256SUMS', PATH]) t.is((await ask(`/repository/${name}`)).status, 404);
});
