import type { ByteRange } from '../../domain/ports/store.js';
import { parseRange } from '../byte-range.js';
import { type Context, headerOf } from '../context.js';
import { HttpFault } from '../fault.js';

/** What a representation is compared by (RFC 9110 section 8.8). */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Whole seconds. */
  readonly modified: Date;
}

/** How the conditions of a request turn out, in the order of RFC 9110 section 13.2.2. */
export function conditionOf(ctx: Context, { etag, modified }: Validators): 'met' | 'not-modified' | 'failed' {
  const match = headerOf(ctx.req, 'if-match');
  const since = dateIn(headerOf(ctx.req, 'if-unmodified-since'));
  if (match !== undefined ? !names(match, etag, 'strong') : since !== undefined && modified.getTime() > since) {
    return 'failed';
  }
  const noneMatch = headerOf(ctx.req, 'if-none-match');
  if (noneMatch !== undefined) return names(noneMatch, etag, 'weak') ? 'not-modified' : 'met';
  const modifiedSince = dateIn(headerOf(ctx.req, 'if-modified-since'));
  return modifiedSince !== undefined && modified.getTime() <= modifiedSince ? 'not-modified' : 'met';
}

/**
 * The range that a GET asks for, unless it only wants one of other bytes (`If-Range`). Throws 416 with the size for one that lies outside,
 * 400 for several.
 */
export function wantedRange(ctx: Context, size: number, validators: Validators): ByteRange | undefined {
  const range = ctx.method === 'GET' ? headerOf(ctx.req, 'range') : undefined;
  if (range === undefined || !isSame(headerOf(ctx.req, 'if-range')?.trim(), validators)) return undefined;
  try {
    return parseRange(range, size);
  } catch (error) {
    if (!(error instanceof HttpFault) || error.status !== 416) throw error;
    throw new HttpFault(416, error.text, { 'Content-Range': `bytes */${size}` }, { cause: error });
  }
}

/** Whether the bytes that a client has a part of are these: by their tag, or by a date that is the very same. */
function isSame(condition: string | undefined, { etag, modified }: Validators): boolean {
  if (condition === undefined || condition === etag) return true;
  return !condition.includes('"') && dateIn(condition) === modified.getTime();
}

function names(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  return header
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}

/** Milliseconds of an HTTP date; undefined for what is none, which RFC 9110 has servers pass over. */
function dateIn(header: string | undefined): number | undefined {
  const text = header?.trim() ?? '';
  if (!/^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/.test(text)) return undefined;
  const time = Date.parse(text.replaceAll('-', ' '));
  return Number.isNaN(time) ? undefined : time;
}
