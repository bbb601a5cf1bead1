import test from 'ava';
import { useServer } from '../support/v1-server.js';

const server = useServer({ DEFAULT: { enable_v2_api: false } });
const { admin } = server;

const MEDIA = 'application/vnd.openstack.images-';

function versions(base: string) {
  const entry = (id: string) => ({ id, status: 'DEPRECATED', links: [{ rel: 'self', href: `${base}/v1/` }] });
  return { versions: [entry('v1.1'), entry('v1.0')] };
}

type Meaning = 'index' | 'versions' | 'choices' | 'unknown';
const STATUS: Readonly<Record<Meaning, number>> = { index: 200, versions: 200, choices: 300, unknown: 404 };

/** What a path and an Accept header mean (image-api-v1 section 1.1). */
const ROWS: readonly [path: string, meaning: Meaning, accept?: string][] = [
  ['/versions', 'versions'],
  ['/versions/', 'versions'],
  ['/versions', 'versions', `${MEDIA}v1`],
  ['/', 'choices'],
  ['/', 'choices', 'unknown'],
  ['/x', 'choices'],
  ['/images', 'choices'],
  ['/images', 'choices', 'unknown'],
  ['/images', 'choices', 'application/vnd.openstack.compute-v1'],
  ['/images', 'choices', `${MEDIA}v10`],
  ['/images', 'choices', `${MEDIA}v2`],
  ['/images', 'choices', `text/html, ${MEDIA}v1`],
  ['/images', 'index', `${MEDIA}v1`],
  ['/images', 'index', `${MEDIA}v1.0`],
  ['/images', 'index', `${MEDIA}v1.1`],
  ['/', 'index', `${MEDIA}v1`],
  ['/v1/images', 'unknown', `${MEDIA}v1`],
  ['/v1/', 'index'],
  ['/v1/images', 'index'],
  ['/v1.0/images', 'index'],
  ['/v1.1/images', 'index'],
  ['//v1/images', 'index'],
  ['/v1//images', 'index'],
  ['/v1/versions', 'unknown'],
  ...['v1.2', 'v10', 'v1.10', 'v1.a', 'va.1', 'V1', 'v0', 'v2', 'v2.6', ' v1'].map((version): [string, Meaning] => [
    `/${encodeURIComponent(version)}/images`,
    'choices',
  ]),
];

for (const [path, meaning, accept] of ROWS) {
  test(`${path} with Accept ${accept ?? '(none)'}: ${meaning}`, async (t) => {
    const answer = await admin.send('GET', path, accept === undefined ? {} : { headers: { accept } });
    t.is(answer.status, STATUS[meaning], answer.text);
    if (meaning === 'index') t.is(answer.text, '{"images": []}');
    if (meaning !== 'versions' && meaning !== 'choices') return;
    t.is(answer.headers['content-type'], 'application/json');
    t.deepEqual(JSON.parse(answer.text), versions(`http://127.0.0.1:${server.running.port}`));
  });
}

test('the methods do not matter for the versions document', async (t) => {
  t.is((await admin.send('POST', '/versions')).status, 200);
  t.is((await admin.send('DELETE', '/')).status, 300);
  const head = await admin.send('HEAD', '/');
  t.deepEqual([head.status, head.text], [300, '']);
});

test('the links follow the Host header', async (t) => {
  const answer = await admin.send('GET', '/versions', { headers: { host: 'images.example.org:81' } });
  t.deepEqual(JSON.parse(answer.text), versions('http://images.example.org:81'));
});

test('/v1 without a slash is redirected', async (t) => {
  const { status, headers, text } = await admin.send('GET', '/v1');
  t.deepEqual([status, headers.location, text], [302, `http://127.0.0.1:${server.running.port}/v1/`, '']);
});

test('the versions need no identity', async (t) => {
  t.is((await admin.as().send('GET', '/versions')).status, 200);
  t.is((await admin.as().send('GET', '/')).status, 300);
});
