import { randomUUID } from 'node:crypto';
import test from 'ava';
import { checkRow, quoted, quotedDetail, type Row } from '../../support/v1-answer.js';
import { imagesOf } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

/** Only images of these tests carry it. */
const GROUP = 'property-group=filters';

const IMAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  small: { size: '10', disk_format: 'raw', container_format: 'bare', min_ram: '64', 'property-color': 'red' },
  large: { size: '2000', disk_format: 'qcow2', container_format: 'bare', min_disk: '7', 'property-color': 'Red' },
  amazon: { size: '10', disk_format: 'ami', container_format: 'ami', protected: 'True', 'property-shape': 'round' },
  empty: { size: '0', is_public: 'True', 'property-color': 'red', 'property-shape': 'round' },
  'xx:one': {},
  'a,b': {},
};

const { admin } = useServer(
  {},
  {
    async prepare(client) {
      for (const [name, fields] of Object.entries(IMAGES)) {
        const entries = Object.entries({ name, 'property-group': 'filters', ...fields });
        await client.create(Object.fromEntries(entries.map(([field, value]) => [`x-image-meta-${field}`, value])));
      }
    },
  },
);

/** What an administrator's list of all images shows for a filter, by name, in no order. */
const FILTERS: readonly [filter: string, names: readonly string[]][] = [
  ['name=small', ['small']],
  ['name=Small', []],
  ['name=smal', []],
  ['name=', []],
  ['name=xx:one', ['xx:one']],
  ['name=eq:small', ['small']],
  ['name=in:small,large', ['large', 'small']],
  ['name=in:small,"a,b"', ['a,b', 'small']],
  ['status=active', ['empty']],
  ['status=queued', ['a,b', 'amazon', 'large', 'small', 'xx:one']],
  ['status=killed', []],
  ['status=bogus', []],
  ['disk_format=qcow2', ['large']],
  ['disk_format=in:qcow2,ami', ['amazon', 'large']],
  ['container_format=bare', ['large', 'small']],
  ['container_format=Bare', []],
  ['size_min=10', ['amazon', 'large', 'small']],
  ['size_min=11', ['large']],
  ['size_max=10', ['a,b', 'amazon', 'empty', 'small', 'xx:one']],
  ['size_min=1&size_max=1999', ['amazon', 'small']],
  ['size_min=99999999999999999999999', []],
  ['size_max=99999999999999999999999&size_min=11', ['large']],
  ['min_ram=64', ['small']],
  ['min_ram=99999999999999999999999', []],
  ['min_ram=63', []],
  ['min_disk=7', ['large']],
  ['min_disk=x', []],
  ['min_disk=-1', []],
  ['protected=True', ['amazon']],
  ['protected=1', ['amazon']],
  ['protected=TRUE', ['amazon']],
  ['protected=false', ['a,b', 'empty', 'large', 'small', 'xx:one']],
  ['protected=0&size_min=10', ['large', 'small']],
  ['property-color=red', ['empty', 'small']],
  ['property-color=red&property-shape=round', ['empty']],
  ['property-color=', []],
  ['property-none=red', []],
  ['unknown=x&deleted=True&owner=nobody', ['a,b', 'amazon', 'empty', 'large', 'small', 'xx:one']],
];

for (const [filter, names] of FILTERS) {
  test(`filter ${filter}`, async (t) => {
    t.deepEqual([...(await admin.names(`is_public=None&${GROUP}&${filter}`))].sort(), names);
  });
}

test('a filter holds for details, too, and of a repeated one the last counts', async (t) => {
  const answer = await admin.send('GET', `/v1/images/detail?is_public=None&${GROUP}&name=large&name=small`);
  t.deepEqual(
    imagesOf(answer).map(({ name, properties }) => [name, properties]),
    [['small', { color: 'red', group: 'filters' }]],
  );
});

const bad = (filter: string, value: string) => ({ details: `Bad value passed to filter ${filter} got ${value}` });
const SORT_KEYS = 'name, status, container_format, disk_format, size, id, created_at, updated_at';

/** Queries that are refused with 400. */
const MISTAKES: readonly (readonly [query: string, wanted: Pick<Row, 'explains' | 'details'>])[] = [
  ['size_min=-1', bad('size_min', '-1')],
  ['size_min=x', bad('size_min', 'x')],
  ['size_max=-1', bad('size_max', '-1')],
  ['size_max=', bad('size_max', '')],
  ['size_max=1.5', bad('size_max', '1.5')],
  ['min_ram=-1', bad('min_ram', '-1')],
  ['min_ram=x', bad('min_ram', 'x')],
  ['protected=imalittleteapot', bad('protected', 'imalittleteapot')],
  ['protected=', bad('protected', '')],
  ['protected=none', { explains: quotedDetail('protected must be True, or False') }],
  ['is_public=imalittleteapot', bad('is_public', 'imalittleteapot')],
  ['is_public=', bad('is_public', '')],
  ['name=in:"a', { explains: quotedDetail('Invalid filter value "a. The quote is not closed.') }],
  ['limit=x', { explains: quotedDetail('limit param must be an integer') }],
  ['limit=', { explains: quotedDetail('limit param must be an integer') }],
  ['limit=1.5', { explains: quotedDetail('limit param must be an integer') }],
  ['limit=-1', { explains: quotedDetail('limit param must be positive') }],
  ['marker=x', { explains: quoted('Invalid marker format') }],
  ['marker=', { explains: quoted('Invalid marker. Image could not be found.') }],
  [`marker=${randomUUID()}`, { explains: quoted('Invalid marker. Image could not be found.') }],
  ['sort_key=owner', { explains: quoted(`Unsupported sort_key. Acceptable values: ${SORT_KEYS}`) }],
  ['sort_key=Name', { explains: quoted(`Unsupported sort_key. Acceptable values: ${SORT_KEYS}`) }],
  ['sort_key=', { explains: quoted(`Unsupported sort_key. Acceptable values: ${SORT_KEYS}`) }],
  ['sort_dir=up', { explains: quoted('Unsupported sort_dir. Acceptable values: asc, desc') }],
  ['sort_dir=ASC', { explains: quoted('Unsupported sort_dir. Acceptable values: asc, desc') }],
  ...['', 'yesterday', '2001-13-01', '2001-02-30', '1', '12:00:00', '%20', '2001-01-01T00:00:00+05:00'].map(
    (time) => [`changes-since=${time}`, { explains: quotedDetail('Unrecognized changes-since value') }] as const,
  ),
];

for (const [query, wanted] of MISTAKES) {
  test(`a mistake: ${query}`, async (t) => {
    for (const path of ['/v1/images', '/v1/images/detail']) {
      const row: Row = { title: query, send: ['GET', `${path}?${query}`], status: 400, ...wanted };
      await checkRow(t, admin, row);
    }
  });
}

test('is_public is checked for users, too, though it changes nothing for them', async (t) => {
  const user = admin.as('u:filters:member');
  t.is((await user.send('GET', '/v1/images?is_public=x')).status, 400);
  t.deepEqual(await user.names(`is_public=False&${GROUP}`), ['empty']);
});

test('an empty list is spaced as clients compare it, and the keys of an index are six', async (t) => {
  const none = await admin.send('GET', '/v1/images?name=nobody');
  t.is(none.text, '{"images": []}');
  t.is(none.headers['content-type'], 'application/json');
  const [image] = imagesOf(await admin.send('GET', `/v1/images?${GROUP}`));
  t.deepEqual(Object.keys(image ?? {}).sort(), ['checksum', 'container_format', 'disk_format', 'id', 'name', 'size']);
});

test('details have all fields, null where unset, and never a location', async (t) => {
  const [image] = imagesOf(await admin.send('GET', `/v1/images/detail?is_public=None&${GROUP}&name=a,b`));
  const { id: _, created_at: __, updated_at: ___, ...rest } = image ?? {};
  t.deepEqual<object, object>(rest, {
    name: 'a,b',
    status: 'queued',
    size: 0,
    virtual_size: null,
    disk_format: null,
    container_format: null,
    checksum: null,
    min_disk: 0,
    min_ram: 0,
    is_public: false,
    protected: false,
    owner: null,
    deleted: false,
    deleted_at: null,
    properties: { group: 'filters' },
  });
});

test('GET /v1/ is the index, whatever the method', async (t) => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const answer = await admin.send(method, `/v1/?${GROUP}`);
    t.deepEqual([answer.status, imagesOf(answer).map(({ name }) => name)], [200, ['empty']]);
  }
});
