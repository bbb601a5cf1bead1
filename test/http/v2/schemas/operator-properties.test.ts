import test from 'ava';
import { COMMON_PROPERTIES, readOperatorSchema } from '../../../../src/http/v2/schemas/operator-properties.js';

const a = { type: 'string' };

test('both forms of the file', (t) => {
  t.deepEqual(readOperatorSchema(undefined), { properties: COMMON_PROPERTIES, required: [] });
  t.deepEqual(readOperatorSchema({}), { properties: {}, required: [] });
  t.deepEqual(readOperatorSchema({ a, b: a }), { properties: { a, b: a }, required: [] });
  t.deepEqual(readOperatorSchema({ properties: { a } }), { properties: { a }, required: [] });
  t.deepEqual(readOperatorSchema({ properties: { a }, required: ['a'] }), { properties: { a }, required: ['a'] });
});

test('a property may be named like the keys of the longer form', (t) => {
  t.deepEqual(readOperatorSchema({ a, properties: a }), { properties: { a, properties: a }, required: [] });
});

const BROKEN: readonly (readonly [content: unknown, message: string])[] = [
  [[], 'the schema of images must be an object of properties'],
  [null, 'the schema of images must be an object of properties'],
  ['x', 'the schema of images must be an object of properties'],
  [{ a: 'string' }, "the schema of image property 'a' must be an object"],
  [{ properties: [] }, 'the schema of images must be an object of properties'],
  [{ properties: { a }, required: 'a' }, "'required' in the schema of images must be a list of names"],
  [
    { properties: { a }, required: ['b'] },
    '\'required\' in the schema of images names "b", which is not among its properties',
  ],
  [
    { properties: { a }, required: [5] },
    "'required' in the schema of images names 5, which is not among its properties",
  ],
];

test('a file that is no schema is refused in words', (t) => {
  for (const [content, message] of BROKEN) t.throws(() => readOperatorSchema(content), { message });
});
