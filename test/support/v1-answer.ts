import type { ExecutionContext } from 'ava';
import { imageOf, type V1Answer, type V1Client, type V1Request } from './v1-client.js';

/** What an answer must have; what is left out is not looked at. */
export interface Wanted {
  readonly status: number;
  /** The whole explanation of an error in plain text, with a blank for every run of white space; its detail is empty then. */
  readonly explains?: string;
  /** The whole detail of an error, behind the default explanation of its status. */
  readonly details?: string;
  /** Headers by lower-case names; undefined: must be absent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Fields of the image in the body. */
  readonly image?: Readonly<Record<string, unknown>>;
  /** The whole body. */
  readonly body?: string;
}

/** One request, and what must be answered. */
export interface Row extends Wanted {
  readonly title: string;
  readonly send: readonly [method: string, path: string, request?: V1Request];
}

const DEFAULTS: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  401:
    'This server could not verify that you are authorized to access the document you requested. Either you supplied the ' +
    'wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
  409: 'There was a conflict when trying to complete your request.',
};

/** The default explanation of a status. */
export function defaultText(status: number): string {
  return DEFAULTS[status] ?? '';
}

/** How the API quotes its registry's refusal, white space collapsed. */
export function quoted(text: string, status = '400 Bad Request'): string {
  return `${status} ${text}`;
}

/** How the API quotes a refusal of its registry that has its text in the detail. */
export function quotedDetail(text: string): string {
  return quoted(`${defaultText(400)} ${text}`);
}

function collapsed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Explanation and detail of a plain-text error. */
export function errorText(answer: V1Answer): readonly [explanation: string, detail: string] {
  const [, explanation = '', ...detail] = answer.text.split('\n\n');
  return [collapsed(explanation), collapsed(detail.join(' '))];
}

/** Fails the test where the answer is not as wanted. */
export function checkAnswer(t: ExecutionContext, answer: V1Answer, wanted: Wanted): void {
  const { status, explains, details, headers = {}, image, body } = wanted;
  t.is(answer.status, status, answer.text);
  if (explains !== undefined) t.deepEqual(errorText(answer), [collapsed(explains), '']);
  if (details !== undefined) t.deepEqual(errorText(answer), [defaultText(status), collapsed(details)]);
  for (const [name, value] of Object.entries(headers)) t.is(answer.headers[name], value, name);
  if (body !== undefined) t.is(answer.text, body);
  if (image === undefined) return;
  const found = new Map<string, unknown>(Object.entries(imageOf(answer)));
  t.deepEqual(Object.fromEntries(Object.keys(image).map((key) => [key, found.get(key)])), image);
}

/** Sends a row's request and checks its answer. */
export async function checkRow(t: ExecutionContext, client: V1Client, row: Row): Promise<V1Answer> {
  const answer = await client.send(...row.send);
  checkAnswer(t, answer, row);
  return answer;
}
