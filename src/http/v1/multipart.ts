import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { RegistryError } from '../../domain/errors.js';
import { headerOf } from '../context.js';
import { fault, HttpFault } from '../fault.js';
import { openBody } from '../request-body.js';

/** As many fields as an image can have: its own, and its properties. */
const LIMITS = { fieldNameSize: 512, fieldSize: 64 * 1024, fields: 192, files: 1, parts: 193, headerPairs: 64 };

export interface ImageForm {
  /** Names in lower case, and values. */
  readonly fields: readonly [string, string][];
  /** The file part, not yet read. Breaks off with an error when the form does not end as it should. */
  readonly file: AsyncIterable<Uint8Array> | undefined;
}

export function isMultipart(request: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(headerOf(request, 'content-type') ?? '');
}

function open(request: IncomingMessage): busboy.Busboy {
  try {
    return busboy({ headers: request.headers, limits: LIMITS, defParamCharset: 'utf8' });
  } catch (error) {
    throw new HttpFault(
      400,
      { explanation: 'Malformed form: the Content-Type names no boundary.' },
      {},
      { cause: error },
    );
  }
}

/** The file's bytes; after the last one the rest of the form is waited for, so that a bad form stores nothing. */
async function* fileBytes(file: Readable, ended: Promise<void>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* file;
  } catch (error) {
    // The end of the form says why: it is malformed, or the client left.
    await ended;
    throw error;
  }
  await ended;
}

/**
 * Reads a form up to its file part, or to its end when it has none: fields named as the headers, one file behind them.
 * Nothing of the file is buffered. Throws 400 for a malformed form, 413 for one beyond the limits.
 */
export function readForm(request: IncomingMessage): Promise<ImageForm> {
  const parser = open(request);
  const fields: [string, string][] = [];
  return new Promise((resolve, reject) => {
    let violation: HttpFault | undefined;
    let fileSeen = false;
    const refuse = (status: number, text: string): void => {
      violation ??= fault(status, text);
      if (!fileSeen) reject(violation);
    };
    parser.on('field', (name, value, { valueTruncated }) => {
      const shown = name.slice(0, LIMITS.fieldNameSize);
      if (fileSeen) refuse(400, `Malformed form: field '${shown}' comes behind the file.`);
      // The parser bounds names only by what the head of a part may hold.
      else if (name !== shown || valueTruncated) refuse(413, `Field '${shown}' of the form is too large.`);
      else fields.push([name.toLowerCase(), value]);
    });
    parser.on('fieldsLimit', () => refuse(413, `A form may have ${LIMITS.fields} fields.`));
    parser.on('partsLimit', () => refuse(413, `A form may have ${LIMITS.parts} parts.`));
    parser.on('filesLimit', () => refuse(400, 'Malformed form: it has more than one file.'));
    const parsed = pipeline(openBody(request), parser);
    const ended = parsed.then(
      () => {
        if (violation !== undefined) throw violation;
      },
      (error: unknown) => {
        if (request.destroyed && !request.complete) {
          throw new RegistryError('client-closed', 'Client disconnected before sending all data to backend', {
            cause: error,
          });
        }
        throw new HttpFault(
          400,
          { explanation: 'Malformed form: it ends before its last boundary.' },
          {},
          { cause: error },
        );
      },
    );
    parser.on('file', (_name, file) => {
      // `ended` tells what went wrong; a file that nobody reads must not end the process by its own error.
      file.on('error', () => {});
      fileSeen = true;
      if (violation === undefined) resolve({ fields, file: fileBytes(file, ended) });
      else file.resume();
    });
    ended.then(() => resolve({ fields, file: undefined }), reject);
  });
}
