import test from 'ava';
import { pythonJson } from '../../src/http/python-json.js';

const VALUES: readonly [value: unknown, text: string][] = [
  [{ images: [] }, '{"images": []}'],
  [{}, '{}'],
  [[], '[]'],
  [null, 'null'],
  ['text', '"text"'],
  [[1, 2, 3], '[1, 2, 3]'],
  [{ a: 1, b: [true, null] }, '{"a": 1, "b": [true, null]}'],
  [{ a: { b: {} } }, '{"a": {"b": {}}}'],
  [[[], [[]]], '[[], [[]]]'],
  [{ a: 'x,\n  y: "z"' }, '{"a": "x,\\n  y: \\"z\\""}'],
  [{ 'a, b': ': ' }, '{"a, b": ": "}'],
  ['é東', '"é東"'],
];
for (const [value, text] of VALUES) {
  test(`as Python spaces it: ${text}`, (t) => {
    t.is(pythonJson(value), text);
    t.deepEqual(JSON.parse(pythonJson(value)), value);
  });
}
