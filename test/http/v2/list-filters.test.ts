import test from 'ava';
import type { ImageFilter } from '../../../src/domain/ports/images.js';
import { queryParameters } from '../../../src/http/request-path.js';
import { readFilters } from '../../../src/http/v2/list-filters.js';

const NOT_KILLED: ImageFilter = { by: 'not-text', field: 'status', in: ['killed'] };
const hidden = (value: boolean): ImageFilter => ({ by: 'flag', field: 'hidden', value });
const NOTHING: ImageFilter = { by: 'text', field: 'id', in: [] };

type Text = Extract<ImageFilter, { by: 'text' }>['field'];
type Numeric = Extract<ImageFilter, { by: 'number' }>;

const text = (field: Text, ...values: string[]): ImageFilter => ({ by: 'text', field, in: values });
const number = (field: Numeric['field'], is: Numeric['is'], value: number): ImageFilter => ({
  by: 'number',
  field,
  is,
  value,
});

const SECOND = 1_000_000;
const NEW_YEAR = Date.UTC(2020, 0, 1) * 1000;

const FILTERS: readonly (readonly [query: string, filters: readonly ImageFilter[]])[] = [
  ['name=a', [text('name', 'a')]],
  ['name=', [text('name', '')]],
  ['name=eq:b:c', [text('name', 'b:c')]],
  ['name=in:a,"c,d",a', [text('name', 'a', 'c,d')]],
  ['name=in:', [text('name')]],
  ['name=a&name=b', [text('name', 'b')]],
  ['id=in:x,y', [text('id', 'x', 'y')]],
  ['status=in:queued,active', [text('status', 'queued', 'active')]],
  ['container_format=bare', [text('containerFormat', 'bare')]],
  ['disk_format=eq:raw', [text('diskFormat', 'raw')]],
  ['checksum=in:a,b', [text('checksum', 'in:a,b')]],
  ['os_hash_value=eq:x', [text('hashValue', 'eq:x')]],
  ['os_hash_algo=sha512', [text('hashAlgorithm', 'sha512')]],
  ['owner=in:pa', [text('owner', 'in:pa')]],
  ['size=5', [number('size', 'eq', 5)]],
  ['size=gt:5', [NOTHING]],
  ['size=-1', [NOTHING]],
  ['size=9007199254740993', [NOTHING]],
  ['min_ram=0', [number('minRam', 'eq', 0)]],
  ['min_ram=2147483648', [NOTHING]],
  ['min_disk=x', [NOTHING]],
  ['virtual_size=%207', [number('virtualSize', 'eq', 7)]],
  ['size_min=5', [number('size', 'gte', 5)]],
  ['size_max=5', [number('size', 'lte', 5)]],
  ['size_max=-1', [NOTHING]],
  ['size_min=-1', [number('size', 'gte', 0)]],
  ['size_min=99999999999999999999', [NOTHING]],
  ['size_max=99999999999999999999', [number('size', 'lte', Number.MAX_SAFE_INTEGER)]],
  ['min_ram_min=1', [number('minRam', 'gte', 1)]],
  ['min_disk_max=2147483648', [number('minDisk', 'lte', 2147483647)]],
  ['virtual_size_min=1', [number('virtualSize', 'gte', 1)]],
  ['protected=true', [{ by: 'flag', field: 'protected', value: true }]],
  ['protected=false', [{ by: 'flag', field: 'protected', value: false }]],
  ['tag=a', [{ by: 'tag', tag: 'a' }]],
  [
    'tag=a&foo=bar&tag=b&tag=a',
    [
      { by: 'property', name: 'foo', value: 'bar' },
      { by: 'tag', tag: 'a' },
      { by: 'tag', tag: 'b' },
    ],
  ],
  ['foo=in:a', [{ by: 'property', name: 'foo', value: 'in:a' }]],
  ['foo', [{ by: 'property', name: 'foo', value: '' }]],
  ['__proto__=x', [{ by: 'property', name: '__proto__', value: 'x' }]],
  ['constructor=x', [{ by: 'property', name: 'constructor', value: 'x' }]],
  ['deleted=x&limit=1&marker=m&sort=name&visibility=all&member_status=all', []],
];

for (const [query, filters] of FILTERS) {
  test(`?${query}`, (t) => {
    const read = readFilters(queryParameters(`/?${query}`));
    t.deepEqual(read, [...filters, hidden(false), NOT_KILLED]);
  });
}

test('hidden images are asked for in any case of letters', (t) => {
  for (const [word, value] of [
    ['true', true],
    ['TRUE', true],
    ['False', false],
  ] as const) {
    t.deepEqual(readFilters([['os_hidden', word]]), [hidden(value), NOT_KILLED]);
  }
});

const TIMES: readonly (readonly [value: string, filters: readonly ImageFilter[]])[] = [
  ['2020-01-01', [number('createdAt', 'gte', NEW_YEAR), number('createdAt', 'lt', NEW_YEAR + SECOND)]],
  ['eq:2020-01-01T00:00:00Z', [number('createdAt', 'gte', NEW_YEAR), number('createdAt', 'lt', NEW_YEAR + SECOND)]],
  ['2020-01-01T02:00:00+02:00', [number('createdAt', 'gte', NEW_YEAR), number('createdAt', 'lt', NEW_YEAR + SECOND)]],
  ['gt:2020-01-01', [number('createdAt', 'gte', NEW_YEAR + SECOND)]],
  ['gte:2019-12-31T22:00:00-0200', [number('createdAt', 'gte', NEW_YEAR)]],
  ['lt:20200101T000000Z', [number('createdAt', 'lt', NEW_YEAR)]],
  ['lte:2020-01-01 00:00:00', [number('createdAt', 'lt', NEW_YEAR + SECOND)]],
  ['neq:2020-01-01', [number('createdAt', 'neq', NEW_YEAR)]],
  ['2020-01-01T00:00:00.5', [number('createdAt', 'eq', NEW_YEAR + SECOND / 2)]],
  ['gt:2020-01-01T00:00:00.5Z', [number('createdAt', 'gt', NEW_YEAR + SECOND / 2)]],
];

for (const [value, filters] of TIMES) {
  test(`created_at=${value}`, (t) => {
    t.deepEqual(readFilters([['created_at', value]]), [...filters, hidden(false), NOT_KILLED]);
  });
}

test('updated_at is compared like created_at', (t) => {
  const [filter] = readFilters([['updated_at', 'lt:2020-01-01']]);
  t.deepEqual(filter, number('updatedAt', 'lt', NEW_YEAR));
});
