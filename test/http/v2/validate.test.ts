import test from 'ava';
import { HttpFault } from '../../../src/http/fault.js';
import { compileSchema, schemaFault } from '../../../src/http/v2/validate.js';
import { SCHEMAS } from './codec-fixtures.js';

/** The reason and the place of a refusal: its first line, and those that begin the two dumps. */
function refusalOf(schema: object, value: unknown): readonly string[] {
  const validate = compileSchema(schema);
  if (validate(value)) return [];
  const [error] = validate.errors ?? [];
  if (error === undefined) throw new Error('a refusal without an error');
  const lines = schemaFault('thing', error).message.split('\n');
  return lines.filter((line) => /^(Provided|Failed|On) /.test(line)).map((line) => line.replace(/^Provided.*?: /, ''));
}

const REFUSALS: readonly (readonly [schema: object, value: unknown, ...lines: string[]])[] = [
  [{ type: 'string' }, 5, "5 is not of type 'string'", "Failed validating 'type' in schema:", 'On instance:'],
  [
    { type: ['null', 'string'] },
    5,
    "5 is not of type 'null', 'string'",
    "Failed validating 'type' in schema:",
    'On instance:',
  ],
  [{ enum: [null, 'a'] }, 5, "5 is not one of [None, 'a']", "Failed validating 'enum' in schema:", 'On instance:'],
  [{ pattern: '^a$' }, 'b', "'b' does not match '^a$'", "Failed validating 'pattern' in schema:", 'On instance:'],
  [{ minimum: 1 }, 0, '0 is less than the minimum of 1', "Failed validating 'minimum' in schema:", 'On instance:'],
  [{ maximum: 1 }, 2, '2 is greater than the maximum of 1', "Failed validating 'maximum' in schema:", 'On instance:'],
  [{ maxLength: 1 }, 'éé', "'éé' is too long", "Failed validating 'maxLength' in schema:", 'On instance:'],
  [{ minLength: 1 }, '', "'' is too short", "Failed validating 'minLength' in schema:", 'On instance:'],
  [{ maxItems: 0 }, [1], '[1] is too long', "Failed validating 'maxItems' in schema:", 'On instance:'],
  [{ minItems: 1 }, [], '[] is too short', "Failed validating 'minItems' in schema:", 'On instance:'],
  [
    { uniqueItems: true },
    [1, 1],
    '[1, 1] has non-unique elements',
    "Failed validating 'uniqueItems' in schema:",
    'On instance:',
  ],
  [{ required: ['a'] }, {}, "'a' is a required property", "Failed validating 'required' in schema:", 'On instance:'],
  [
    { additionalProperties: false },
    { a: 1 },
    "Additional properties are not allowed ('a' was unexpected)",
    "Failed validating 'additionalProperties' in schema:",
    'On instance:',
  ],
  [
    { properties: { 'a/b~c%': { items: { type: 'string' } } } },
    { 'a/b~c%': ['x', 5] },
    "5 is not of type 'string'",
    "Failed validating 'type' in schema['properties']['a/b~c%']['items']:",
    "On instance['a/b~c%'][1]:",
  ],
  [{ multipleOf: 2 }, 3, '3 must be multiple of 2', "Failed validating 'multipleOf' in schema:", 'On instance:'],
];

test('refusals in the words of jsonschema', (t) => {
  for (const [schema, value, ...lines] of REFUSALS) t.deepEqual(refusalOf(schema, value), lines);
});

test('formats are not checked, foreign keywords and lists of types are fine', (t) => {
  t.deepEqual(refusalOf({ type: 'string', format: 'date-time', is_base: false, name: 'x' }, 'y'), []);
  t.deepEqual(refusalOf({ format: 'no such format' }, 'y'), []);
  t.deepEqual(refusalOf({ pattern: '^\\-$' }, '-'), []);
});

test('a schema that is none is refused at the start', (t) => {
  t.throws(() => compileSchema({ type: 'text' }), { message: /type/ });
  t.throws(() => compileSchema({ pattern: '(' }), { message: /Invalid regular expression/ });
});

test('the whole text of a refusal, dumps and all', (t) => {
  const error = t.throws(() => SCHEMAS.readImage({ visibility: 'bogus' }), { instanceOf: HttpFault });
  t.is(error.status, 400);
  t.is(
    error.text.explanation,
    `Provided object does not match schema 'image': 'bogus' is not one of ['community', 'public', 'private', 'shared']

Failed validating 'enum' in schema['properties']['visibility']:
    {'description': 'Who may see the image',
     'enum': ['community', 'public', 'private', 'shared'],
     'type': 'string'}

On instance['visibility']:
    'bogus'`,
  );
});
