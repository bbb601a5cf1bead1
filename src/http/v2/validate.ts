import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { fault, type HttpFault } from '../fault.js';
import { pythonPretty, pythonRepr } from './python-repr.js';

/**
 * Formats are annotations and keywords beyond the standard are allowed, as in the validator clients know from Glance.
 * One error is enough: a list of all would let a small body grow into a large answer.
 */
const ajv = new Ajv({
  strict: false,
  strictNumbers: true,
  validateFormats: false,
  unicodeRegExp: false,
  ownProperties: true,
  verbose: true,
  logger: false,
});

/** Makes a validator of a schema. Throws an Error that says what is wrong with the schema. */
export function compileSchema<Body>(schema: object): ValidateFunction<Body> {
  return ajv.compile<Body>(schema);
}

type Describe = (value: string, error: ErrorObject) => string;

const limits =
  (words: string): Describe =>
  (value, { schema }) =>
    `${value} ${words} ${pythonRepr(schema)}`;

const REASONS: Readonly<Record<string, Describe>> = {
  type: (value, { schema }) => `${value} is not of type ${[schema].flat().map(pythonRepr).join(', ')}`,
  enum: limits('is not one of'),
  pattern: limits('does not match'),
  minimum: limits('is less than the minimum of'),
  maximum: limits('is greater than the maximum of'),
  maxLength: (value) => `${value} is too long`,
  minLength: (value) => `${value} is too short`,
  maxItems: (value) => `${value} is too long`,
  minItems: (value) => `${value} is too short`,
  uniqueItems: (value) => `${value} has non-unique elements`,
  required: (_value, { params }) => `${pythonRepr(params.missingProperty)} is a required property`,
  additionalProperties: (_value, { params }) =>
    `Additional properties are not allowed (${pythonRepr(params.additionalProperty)} was unexpected)`,
};

function segments(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** How deep below the validated value an error lies. */
export function errorDepth(error: ErrorObject): number {
  return segments(error.instancePath).length;
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}

/** `['tags'][0]`: a place in the instance; a number is a number where the value is a list. */
function place(path: readonly string[]): string {
  return path.map((segment) => (/^\d+$/.test(segment) ? `[${segment}]` : `[${pythonRepr(segment)}]`)).join('');
}

/** What a validator found, in the words of Python's jsonschema, which clients of Glance show to their users (image-api-v2 section 2.2). */
export function schemaFault(name: string, error: ErrorObject): HttpFault {
  const describe = REASONS[error.keyword] ?? ((value: string) => `${value} ${error.message ?? 'is invalid'}`);
  const reason = describe(pythonRepr(error.data), error);
  const within = segments(decodeURIComponent(error.schemaPath)).slice(0, -1);
  return fault(
    400,
    `Provided object does not match schema '${name}': ${reason}\n\n` +
      `Failed validating ${pythonRepr(error.keyword)} in schema${within.map((segment) => `[${pythonRepr(segment)}]`).join('')}:\n` +
      `${indented(pythonPretty(error.parentSchema))}\n\n` +
      `On instance${place(segments(error.instancePath))}:\n    ${pythonRepr(error.data)}`,
  );
}
