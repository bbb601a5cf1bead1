import test from 'ava';
import type { V1Answer } from '../support/v1-client.js';
import { useServer } from '../support/v1-server.js';

const PUBLIC = 'https://images.example.org:9292';
const filters = ['versionnegotiation', 'unauthenticated'] as const;
const published = useServer({ DEFAULT: { public_endpoint: `${PUBLIC}/`, enable_v2_api: false } }, { filters });
const disabled = useServer({ DEFAULT: { enable_v1_api: false } }, { filters });

interface Document {
  readonly versions: readonly { readonly id: string; readonly links: readonly { readonly href: string }[] }[];
}

function documentOf(answer: V1Answer): Document {
  const document: Document = JSON.parse(answer.text);
  return document;
}

test('public_endpoint is what links start with, but not the Location of an image', async (t) => {
  const answer = await published.admin.send('GET', '/');
  t.is(answer.status, 300);
  const links = documentOf(answer).versions.map(({ id, links }) => [id, links[0]?.href]);
  t.deepEqual(links, [
    ['v1.1', `${PUBLIC}/v1/`],
    ['v1.0', `${PUBLIC}/v1/`],
  ]);
  const { headers } = await published.admin.send('POST', '/v1/images', { headers: { host: 'here' } });
  t.regex(headers.location ?? '', /^http:\/\/here\/v1\/images\//);
});

for (const [method, path, accept = ''] of [
  ['GET', '/v1/images'],
  ['GET', '/v1'],
  ['GET', '/v1/'],
  ['POST', '/v1.1/images'],
  ['GET', '/images', 'application/vnd.openstack.images-v1'],
] as const) {
  test(`with v1 disabled ${method} ${path} ${accept} is answered with the versions`, async (t) => {
    const answer = await disabled.admin.send(method, path, { headers: { accept } });
    t.is(answer.status, 300);
    t.false(documentOf(answer).versions.some(({ id }) => id.startsWith('v1')));
  });
}
