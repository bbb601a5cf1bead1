import test from 'ava';
import { pythonPretty, pythonRepr } from '../../../src/http/v2/python-repr.js';

const VALUES: readonly (readonly [value: unknown, text: string])[] = [
  [null, 'None'],
  [undefined, 'None'],
  [true, 'True'],
  [false, 'False'],
  [5, '5'],
  [-1.5, '-1.5'],
  [-0, '-0.0'],
  [1e-7, '1e-07'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [1e30, '1e+30'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
  [Number.NaN, 'nan'],
  ['', "''"],
  ['a', "'a'"],
  ["it's", '"it\'s"'],
  ['"', "'\"'"],
  ['\'"', "'\\'\"'"],
  ['a\\b\n\r\t', "'a\\\\b\\n\\r\\t'"],
  ['\u0000\u007f\u0085', "'\\x00\\x7f\\x85'"],
  ['é\u200b\ud800', "'é\\u200b\\ud800'"],
  ['\u{1f600}\u{e0001}', "'\u{1f600}\\U000e0001'"],
  [[], '[]'],
  [{}, '{}'],
  [[1, ['a', null]], "[1, ['a', None]]"],
  [{ b: true, a: { "it's": 1 } }, "{'b': True, 'a': {\"it's\": 1}}"],
];

test('values as Python writes them', (t) => {
  for (const [value, text] of VALUES) t.is(pythonRepr(value), text);
});

test('no value makes a message without end', (t) => {
  t.is(pythonRepr('x'.repeat(1_000_000)).length, 4098);
  t.true(pythonRepr(Array.from({ length: 100_000 }, () => 'item')).length < 5000);
  t.true(pythonRepr({ a: Array.from({ length: 100 }, () => 'x'.repeat(5000)) }).length < 20_000);
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  t.is(pythonRepr(deep), '[[[[[[[[[...]]]]]]]]]');
});

test('long values take a line for each of their parts, keys in order', (t) => {
  t.is(pythonPretty({ b: 1, a: 2 }), "{'a': 2, 'b': 1}");
  const schema = {
    type: ['null', 'string'],
    enum: ['public', 'private', 'shared', 'community', 'public again', 'private again'],
    items: { b: 'x'.repeat(30), a: 'y'.repeat(30) },
  };
  t.is(
    pythonPretty(schema),
    `{'enum': ['public',
          'private',
          'shared',
          'community',
          'public again',
          'private again'],
 'items': {'a': 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
           'b': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'},
 'type': ['null', 'string']}`,
  );
});
