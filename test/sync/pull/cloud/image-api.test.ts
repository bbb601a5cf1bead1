import test, { type ExecutionContext } from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import type { Destination } from '../../../../src/sync/pull/destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { type FakeAnswer, startFakeImageService } from '../../../support/fake-image-service.js';
import { quietLog } from '../../../support/quiet-log.js';

const versions = (...ids: string[]) => ({ versions: ids.map((id) => ({ id, status: 'CURRENT' })) });
const LIST: FakeAnswer = { status: 200, body: { images: [] } };

/** Opens the service behind `prefix`, which has these answers by path, and lists its images. */
async function open(
  t: ExecutionContext,
  prefix: string,
  answers: Readonly<Record<string, FakeAnswer>>,
  env: Readonly<Record<string, string>> = {},
): Promise<{ destination: Destination; paths: readonly string[] }> {
  const service = await startFakeImageService(({ path }) => answers[path.replace(/\?.*/, '')]);
  t.teardown(() => service.close());
  const destination = await openDestination(cloudOptions({ OS_ENDPOINT: service.url + prefix, ...env }), quietLog());
  t.teardown(() => destination.close());
  await destination.list();
  return { destination, paths: service.requests.map(({ path }) => path.replace(/\?.*/, '')) };
}

const FOUND: readonly (readonly [
  title: string,
  prefix: string,
  answers: Readonly<Record<string, FakeAnswer>>,
  api: 'v1' | 'v2',
  env?: Readonly<Record<string, string>>,
])[] = [
  [
    'v2 of several',
    '',
    { '/versions': { status: 200, body: versions('v1.1', 'v2.16', 'v2.0') }, '/v2/images': LIST },
    'v2',
  ],
  ['v1 alone', '', { '/versions': { status: 200, body: versions('v1.1', 'v1.0') }, '/v1/images/detail': LIST }, 'v1'],
  ['the root, by 300', '', { '/': { status: 300, body: versions('v2.9') }, '/v2/images': LIST }, 'v2'],
  [
    'an endpoint with a version',
    '/v2/',
    { '/versions': { status: 200, body: versions('v2.9') }, '/v2/images': LIST },
    'v2',
  ],
  [
    'an endpoint behind a prefix',
    '/image/',
    { '/image/versions': { status: 300, body: versions('v2.9') }, '/image/v2/images': LIST },
    'v2',
  ],
  [
    'a prefix and a version',
    '/image/v2',
    { '/image/versions': { status: 200, body: versions('v2.9') }, '/image/v2/images': LIST },
    'v2',
  ],
  ['a gateway that lets v2 through alone', '/gate/v2', { '/gate/v2/images': LIST }, 'v2'],
  ['a gateway that lets v1 through alone', '/gate/v1', { '/gate/v1/images/detail': LIST }, 'v1'],
  [
    'an HTML page in place of versions',
    '/v2',
    { '/': { status: 200, body: '<html>Welcome</html>' }, '/v2/images': LIST },
    'v2',
  ],
  [
    'the version that was asked for, and nobody is asked',
    '',
    { '/v1/images/detail': LIST },
    'v1',
    { OS_IMAGE_API_VERSION: '1' },
  ],
];
for (const [title, prefix, answers, api, env] of FOUND) {
  test(`found: ${title}`, async (t) => {
    const { destination, paths } = await open(t, prefix, answers, env);
    t.is(destination.api, api);
    t.true(paths.includes(`${prefix.replace(/\/(v\d)?\/?$/, '')}${api === 'v2' ? '/v2/images' : '/v1/images/detail'}`));
    if (env) t.false(paths.includes('/versions'));
  });
}

const NOT_FOUND: readonly (readonly [title: string, answers: Readonly<Record<string, FakeAnswer>>, words: RegExp])[] = [
  [
    'no Image service',
    { '/': { status: 200, body: '<html>It works!</html>' } },
    /http:\/\/127.0.0.1:\d+ is no Image service/,
  ],
  [
    'versions of another kind',
    { '/versions': { status: 200, body: versions('v3.14') } },
    /in v3.14 only, neither v2 nor v1/,
  ],
  [
    'a token that is not taken',
    { '/versions': { status: 401, body: { error: { message: 'Who are you?' } } } },
    /answered 401: Who are you\?/,
  ],
  [
    'a redirect',
    {
      '/versions': { status: 200, body: versions('v2.0') },
      '/v2/images': { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    },
    /answered 302 \(redirects are not followed\)/,
  ],
  [
    'a page for people',
    {
      '/versions': { status: 200, body: versions('v2.0') },
      '/v2/images': {
        status: 500,
        body: '<html><head><title>500</title></head><body><h1>Oh&amp;no</h1>\n<br/>bad</body></html>',
      },
    },
    /answered 500: Oh&no bad$/,
  ],
];
for (const [title, answers, words] of NOT_FOUND) {
  test(`refused: ${title}`, async (t) => {
    const error = await t.throwsAsync(open(t, '', answers));
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), words);
  });
}

const image = (id: string) => ({ id, name: id, status: 'active', visibility: 'public', size: 1 });

test('pages of v2 are asked of the service itself, whatever the link says', async (t) => {
  const next: Readonly<Record<string, unknown>> = {
    'limit=1000': { images: [image('a')], next: 'http://169.254.169.254/v2/images?marker=a&limit=1' },
    'marker=a&limit=1': { images: [image('b')], next: '/v2/images?marker=b#fragment' },
    'marker=b': { images: [image('c')] },
    'limit=1000&os_hidden=true': { images: [image('c'), image('d')] },
  };
  const service = await startFakeImageService(({ path }) => {
    const [at, query = ''] = path.split('?');
    return at === '/pre/v2/images' ? { status: 200, body: next[query] } : undefined;
  });
  t.teardown(() => service.close());
  const env = { OS_ENDPOINT: `${service.url}/pre/v2`, OS_TOKEN: 't' };
  const destination = await openDestination(cloudOptions(env), quietLog());
  t.teardown(() => destination.close());
  t.deepEqual(
    (await destination.list()).map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
  t.true(service.requests.every(({ headers }) => headers['x-auth-token'] === 't'));
});

const BAD_PAGES: readonly (readonly [title: string, body: unknown, words: RegExp])[] = [
  [
    'a page that is its own next',
    { images: [image('a')], next: '/v2/images?limit=1000' },
    /has no end: a page comes again/,
  ],
  ['a next page elsewhere', { images: [], next: '/v2/other?x=1' }, /no list of images/],
  ['an image without id', { images: [{ status: 'active' }] }, /without id or status/],
];
for (const [title, body, words] of BAD_PAGES) {
  test(`list of v2: ${title}`, async (t) => {
    const answers = { '/versions': { status: 200, body: versions('v2.0') }, '/v2/images': { status: 200, body } };
    const error = await t.throwsAsync(open(t, '', answers));
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), words);
  });
}

test('list of v1: a page that comes again', async (t) => {
  const page = { status: 200, body: { images: [image('a')] } };
  const answers = { '/versions': { status: 200, body: versions('v1.1') }, '/v1/images/detail': page };
  t.regex(String(await t.throwsAsync(open(t, '', answers))), /has no end: a page comes again/);
});

test('what only reads is asked again when the service is out for a moment; what writes is not', async (t) => {
  const faults = [503, 502];
  const service = await startFakeImageService(({ method, path }) => {
    if (method === 'POST') return { status: 503, body: { message: 'busy' } };
    return path.startsWith('/v2/images') ? { status: faults.shift() ?? 200, body: { images: [] } } : undefined;
  });
  t.teardown(() => service.close());
  const destination = await openDestination(cloudOptions({ OS_ENDPOINT: `${service.url}/v2` }), quietLog());
  t.teardown(() => destination.close());
  t.deepEqual(await destination.list(), []);
  const draft = {
    name: 'x',
    diskFormat: 'raw',
    containerFormat: 'bare',
    minDisk: 0,
    minRam: 0,
    properties: new Map(),
    tags: [],
    protected: false,
  };
  t.regex(
    String(await t.throwsAsync(destination.create(draft))),
    /Creating image "x" failed: http.* answered 503: busy/,
  );
  t.is(service.requests.filter(({ method }) => method === 'POST').length, 1);
});

test('a service that is not there', async (t) => {
  const error = await t.throwsAsync(openDestination(cloudOptions({ OS_ENDPOINT: 'http://127.0.0.1:9' }), quietLog()));
  t.true(isSyncError(error, 'unreachable'), String(error));
  t.regex(String(error), /http:\/\/127.0.0.1:9 cannot be reached: .*ECONNREFUSED/);
});
