import test from 'ava';
import type { Location } from '../../../src/domain/location.js';
import { type ImageView, presentImage } from '../../../src/http/v2/present.js';
import { anImage } from '../../support/image-factory.js';

const PLAIN: ImageView = { directUrl: false, locations: false, stores: undefined };
/** Stores that are told apart by what the metadata says. */
const STORES: ImageView['stores'] = {
  idOf: ({ metadata }) => (typeof metadata.store === 'string' ? metadata.store : undefined),
  inOrder: (locations) => locations,
};
const ID = '5b2a6f3e-6c1f-4ceb-8b9c-5a7f0e6b9d10';
const TIME = Date.UTC(2020, 0, 2, 3, 4, 5) * 1000 + 999_999;

const at = (url: string, store?: string, status: Location['status'] = 'active'): Location => ({
  url,
  metadata: store === undefined ? {} : { store },
  status,
});

const IMAGE = anImage({
  id: ID,
  createdAt: TIME,
  updatedAt: TIME + 1,
  tags: new Set(['a', 'b']),
  properties: new Map([['foo', 'bar']]),
  locations: [at('file:///one', 'fast'), at('file:///two', 'slow'), at('file:///gone', 'old', 'pending_delete')],
});

test('an image as clients have always been shown it', (t) => {
  t.deepEqual(presentImage(IMAGE, PLAIN), {
    foo: 'bar',
    name: 'an image',
    disk_format: 'raw',
    container_format: 'bare',
    visibility: 'private',
    size: 0,
    virtual_size: null,
    status: 'queued',
    checksum: null,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: 'tenant',
    os_hidden: false,
    os_hash_algo: null,
    os_hash_value: null,
    id: ID,
    created_at: '2020-01-02T03:04:05Z',
    updated_at: '2020-01-02T03:04:06Z',
    tags: ['a', 'b'],
    self: `/v2/images/${ID}`,
    file: `/v2/images/${ID}/file`,
    schema: '/v2/schemas/image',
  });
});

test('where the data is, as far as the configuration lets on', (t) => {
  const seen = (view: Partial<ImageView>, image = IMAGE) => {
    const shown = new Map<string, unknown>(Object.entries(presentImage(image, { ...PLAIN, ...view })));
    return [shown.get('direct_url'), shown.get('locations'), shown.get('stores')];
  };
  const locations = [
    { url: 'file:///one', metadata: { store: 'fast' } },
    { url: 'file:///two', metadata: { store: 'slow' } },
  ];
  t.deepEqual(seen({ directUrl: true }), ['file:///one', undefined, undefined]);
  const storeless = locations.map(({ url }) => ({ url, metadata: {} }));
  t.deepEqual(seen({ locations: true }), [undefined, storeless, undefined], 'where there is one store, it has no name');
  t.deepEqual(seen({ locations: true, stores: STORES }), [undefined, locations, 'fast,slow']);
  t.deepEqual(seen({ stores: STORES }), [undefined, undefined, 'fast,slow']);
  const all = { directUrl: true, locations: true, stores: STORES };
  t.deepEqual(seen(all, anImage()), [undefined, [], undefined]);
  t.deepEqual(seen(all, anImage({ locations: [at('file:///x')] })), [
    'file:///x',
    [{ url: 'file:///x', metadata: {} }],
    undefined,
  ]);
});

for (const [url, shown] of [
  ['http://user:secret@host/a@b', 'http://host/a@b'],
  ['HTTPS://user@host/', 'HTTPS://host/'],
  ['s3+https://key:se/cr@t@host/bucket/id', 's3+https://host/bucket/id'],
  ['swift+http://a:b:c@host/v1/images/id', 'swift+http://host/v1/images/id'],
  ['file:///data@home/id', 'file:///data@home/id'],
] as const) {
  test(`of ${url} the credentials are never shown`, (t) => {
    const image = anImage({ locations: [at(url)] });
    t.like(presentImage(image, { ...PLAIN, directUrl: true, locations: true }), {
      direct_url: shown,
      locations: [{ url: shown, metadata: {} }],
    });
  });
}

function shownProperties(properties: readonly (readonly [string, string | null])[], view: Partial<ImageView> = {}) {
  const shown = JSON.stringify(presentImage(anImage({ properties: new Map(properties) }), { ...PLAIN, ...view }));
  return (name: string) => new RegExp(`"${name}":("[^"]*"|null)`).exec(shown)?.[1];
}

test('properties are texts, whatever their names', (t) => {
  const shown = shownProperties([
    ['empty', null],
    ['__proto__', 'x'],
    ['os_glance_import_task', 't'],
  ]);
  t.is(shown('empty'), '""');
  t.is(shown('__proto__'), '"x"');
  t.is(shown('os_glance_import_task'), '"t"');
});

test('what only the servers tell each other stays with them', (t) => {
  const shown = shownProperties([
    ['os_glance_stage_host', 'http://worker'],
    ['os_glance_hash_op_host', 'http://worker'],
  ]);
  t.is(shown('os_glance_stage_host'), undefined);
  t.is(shown('os_glance_hash_op_host'), undefined);
});

test('no property passes for an attribute', (t) => {
  const shown = shownProperties(
    ['direct_url', 'stores', 'locations', 'checksum', 'self'].map((name) => [name, 'forged'] as const),
  );
  for (const name of ['direct_url', 'stores', 'locations']) t.is(shown(name), undefined);
  t.is(shown('checksum'), 'null');
  t.not(shown('self'), '"forged"');
});

test('protected properties are left out where they may not be read', (t) => {
  const shown = shownProperties(
    [
      ['open', 'x'],
      ['closed', 'y'],
    ],
    { mayRead: (name) => name === 'open' },
  );
  t.is(shown('open'), '"x"');
  t.is(shown('closed'), undefined);
});
