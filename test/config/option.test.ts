import test from 'ava';
import * as option from '../../src/config/option.js';

const reads = <T>(of: option.Option<T>, ...texts: string[]) => of.parse(texts);

test("booleans take oslo's eight words, in any case, and nothing else", (t) => {
  const flag = option.boolean('', false);
  for (const word of ['true', 'True', '1', 'on', 'YES', ' yes ']) t.true(reads(flag, word), word);
  for (const word of ['false', 'FALSE', '0', 'Off', 'no']) t.false(reads(flag, word), word);
  for (const word of ['', 't', '2', 'enabled'])
    t.throws(() => reads(flag, word), { message: /must be a boolean/ }, word);
});

test('integers: limits are kept, an empty value is the default, huge ones become the largest safe one', (t) => {
  const count = option.integer('', 7, { min: 0, max: 2 ** 60 });
  t.is(reads(count, ' 42 '), 42);
  t.is(reads(count, ''), 7);
  t.is(reads(count, '9223372036854775808'), Number.MAX_SAFE_INTEGER);
  t.throws(() => reads(count, '-1'), { message: 'must be at least 0' });
  for (const word of ['1.5', '0x10', 'ten', '1 2', '--1'])
    t.throws(() => reads(count, word), { message: 'must be an integer' });
  t.throws(() => reads(option.port('', 1), '65536'), { message: 'must be at most 65535' });
});

test('floats', (t) => {
  const seconds = option.real('', 10, { min: 0 });
  t.deepEqual(
    ['0.5', '.5', '3', '1e2', ''].map((text) => reads(seconds, text)),
    [0.5, 0.5, 3, 100, 10],
  );
  for (const word of ['NaN', 'inf', '1,5']) t.throws(() => reads(seconds, word), { message: 'must be a number' });
});

test('sizes take binary units', (t) => {
  const quota = option.size('', 0);
  t.deepEqual(
    ['0', '100', '100B', '1KB', '2MB', '3GB', '1TB', '9999999999999TB'].map((text) => reads(quota, text)),
    [0, 100, 100, 1024, 2 * 1024 ** 2, 3 * 1024 ** 3, 1024 ** 4, Number.MAX_SAFE_INTEGER],
  );
  for (const word of ['-1', '1K', '1 GB', '1gb', '', '1.5GB'])
    t.throws(() => reads(quota, word), { message: /must be a number of bytes/ });
});

test('versions are those of the API v2', (t) => {
  const newest = option.version('');
  t.deepEqual(
    ['2.16', ' v2.9 ', '2.0', '2.99', '', ' '].map((text) => reads(newest, text)),
    ['2.16', '2.9', '2.0', '2.99', null, null],
  );
  for (const word of ['2', '2.', '3.0', '1.1', 'x', '2.x', '2.160', 'v']) {
    t.throws(() => reads(newest, word), { message: /must be a version of the API v2/ }, word);
  }
});

test('modes are octal', (t) => {
  t.deepEqual(
    ['640', '0640', '0o640', '0', ''].map((text) => reads(option.mode(''), text)),
    [0o640, 0o640, 0o640, 0, 0],
  );
  t.throws(() => reads(option.mode(''), '888'), { message: /octal/ });
});

test('lists: with or without brackets and quotes, commas within quotes, a trailing comma', (t) => {
  const names = option.list('', []);
  const cases: [string, string[]][] = [
    ['a,b , c', ['a', 'b', 'c']],
    ['[\'127.0.0.1\', "localhost"]', ['127.0.0.1', 'localhost']],
    ['[http, https]', ['http', 'https']],
    ['[]', []],
    ['', []],
    ['a,', ['a']],
    ["['a,b', c]", ['a,b', 'c']],
    ['a,\nb', ['a', 'b']],
  ];
  for (const [text, items] of cases) t.deepEqual(reads(names, text), items, text);
});

test('dicts: pairs, values with colons, twice the same key, no key', (t) => {
  const pairs = option.dict('');
  t.deepEqual(reads(pairs, 'file1:file, web:http'), { file1: 'file', web: 'http' });
  t.deepEqual(reads(pairs, '{"a": "file", "b": "http"}'), { a: 'file', b: 'http' });
  t.deepEqual(reads(pairs, 'http:10.0.0.1:3128'), { http: '10.0.0.1:3128' });
  t.deepEqual(reads(pairs, ''), {});
  t.throws(() => reads(pairs, 'a:1,a:2'), { message: 'names the key a twice' });
  t.throws(() => reads(pairs, 'file'), { message: /key:value/ });
});

test('choices, optional texts, repeated lines', (t) => {
  t.is(reads(option.choice('', 'a', ['a', 'b']), 'b'), 'b');
  t.throws(() => reads(option.choice('', 'a', ['a', 'b']), 'c'), { message: 'must be one of a, b' });
  t.is(reads(option.optional(''), '  '), null);
  t.is(reads(option.text('', ''), 'first', 'last'), 'last');
  t.deepEqual(reads(option.multi(''), 'first', 'last'), ['first', 'last']);
});
