import { Ajv, type ValidateFunction } from 'ajv';
import { SyncError } from '../sync-error.js';
import { signedPart } from './clearsigned.js';
import { shown } from './shown.js';

/** Bytes of UTF-8; the largest streams that there are have less than half of it. */
const LARGEST = 32 * 1024 * 1024;

/** Unknown keys are the publishers' own affair, the first thing that is wrong is enough. */
const ajv = new Ajv({ ownProperties: true, strict: true, allowUnionTypes: true, logger: false });

/** Makes a reader of JSON documents of one schema, compiled when first needed. */
export function jsonReader<Document>(schema: object): (json: string) => Document {
  let validate: ValidateFunction<Document> | undefined;
  return (json) => {
    const value = parseJson(json);
    validate ??= ajv.compile<Document>(schema);
    if (validate(value)) return value;
    const [error] = validate.errors ?? [];
    const place = error?.instancePath ? shown(error.instancePath) : 'the document';
    throw new SyncError('invalid', `${place} ${error?.message ?? 'is not what it should be'}`);
  };
}

/** What a document says that it is, by its key `format`; undefined where it does not say. Throws SyncError invalid for what is no JSON, and as signedPart does. */
export function documentFormat(json: string): string | undefined {
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null || !('format' in value)) return undefined;
  return typeof value.format === 'string' ? value.format : undefined;
}

/** A document, also the one in a clearsigned text, whose signature is not looked at. */
function parseJson(text: string): unknown {
  if (Buffer.byteLength(text) > LARGEST) throw new SyncError('invalid', `the document is larger than ${LARGEST} bytes`);
  try {
    return JSON.parse(signedPart(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyncError('invalid', `the document is no JSON: ${shown(error.message)}`);
  }
}

/** Keys sorted on every level, one to a line, so that the same document is the same text, and a signature of its lines holds. */
export function writeJson(document: object): string {
  return `${JSON.stringify(sortedKeys(document), undefined, 1)}\n`;
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedKeys(inner)]));
}
