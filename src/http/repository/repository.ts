import type { Middleware } from 'koa';
import { openedFile } from '../../stream/open-file.js';
import type { PublishedFile, PublishedFolder } from '../../sync/publish/serve/published-folder.js';
import { servedAs } from '../../sync/publish/served-as.js';
import { downloadSignal } from '../client-gone.js';
import type { Context, RequestState } from '../context.js';
import { fault, HttpFault } from '../fault.js';
import { send } from '../send.js';
import { conditionOf, type Validators, wantedRange } from './conditions.js';
import { askedOf } from './path.js';

/**
 * Serves a published repository below a path such as `/repository`, to everybody and without a token: it holds public images only, and this
 * link of the chain stands before the one that asks who is there. GET and HEAD with ranges, validators and the caching rules of
 * sync-and-manager section 2.3. Requests for other paths go on.
 */
export function serveRepository(prefix: string, folder: PublishedFolder): Middleware<RequestState> {
  return async (ctx, next) => {
    const asked = askedOf(ctx.req.url ?? '/', prefix);
    if (asked.for === 'elsewhere') return next();
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new HttpFault(405, {}, { Allow: 'GET, HEAD' });
    if (asked.for === 'prefix') return redirect(ctx, `${prefix.slice(prefix.lastIndexOf('/') + 1)}/`);
    if (asked.for === 'nothing') throw fault(404);
    const path = asked.path === '' ? 'index.html' : asked.path;
    const found = await folder.open(path);
    if (found === undefined) throw fault(404);
    try {
      await answer(ctx, path, found);
    } finally {
      // Closing twice is quiet.
      await found.file.close();
    }
  };
}

async function answer(ctx: Context, path: string, found: PublishedFile): Promise<void> {
  const { file, size } = found;
  const validators = { etag: `"${found.tag}"`, modified: sureDate(found.modified) };
  setHeaders(ctx, path, found, validators);
  const condition = conditionOf(ctx, validators);
  if (condition === 'failed') throw new HttpFault(412);
  if (condition === 'not-modified') return end(ctx, 304);
  const range = wantedRange(ctx, size, validators);
  const length = range === undefined ? size : range.end - range.start + 1;
  ctx.set('Content-Length', String(length));
  ctx.set('Content-Type', servedAs(path).contentType);
  if (range !== undefined) ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${size}`);
  if (ctx.method === 'HEAD') return end(ctx, 200);
  ctx.status = range === undefined ? 200 : 206;
  ctx.respond = false;
  const signal = downloadSignal(ctx);
  const sent = await send(ctx.res, openedFile(file, size, range, signal), length, signal);
  ctx.state.dataBytes = sent.bytes;
}

/** What 200 and 304 say alike. No content encoding, ever: a `.gz` is the file that was asked for. */
function setHeaders(ctx: Context, path: string, { sha256 }: PublishedFile, { etag, modified }: Validators): void {
  ctx.set('ETag', etag);
  ctx.set('Last-Modified', modified.toUTCString());
  ctx.set('Cache-Control', servedAs(path).cacheControl);
  ctx.set('Accept-Ranges', 'bytes');
  // Of the whole file, also where a part of it is sent (RFC 9530, RFC 3230).
  if (sha256 !== undefined) {
    const digest = Buffer.from(sha256, 'hex').toString('base64');
    ctx.set('Repr-Digest', `sha-256=:${digest}:`);
    ctx.set('Digest', `sha-256=${digest}`);
  }
  ctx.set('X-Content-Type-Options', 'nosniff');
}

/**
 * The time of a file in whole seconds, a second earlier while it is younger than one: what is written twice within a second must not
 * pass for the same by its date (RFC 9110 section 8.8.2.2), nor may a date lie ahead.
 */
function sureDate(modified: Date): Date {
  const last = Math.floor(Date.now() / 1000) - 1;
  return new Date(Math.min(Math.floor(modified.getTime() / 1000), last) * 1000);
}

/** A relative place, because a proxy in front may know the repository by another path. */
function redirect(ctx: Context, place: string): void {
  ctx.set('Location', place);
  ctx.set('Content-Length', '0');
  end(ctx, 301);
}

/** Ends the answer without a body. */
function end(ctx: Context, status: 200 | 301 | 304): void {
  ctx.status = status;
  ctx.respond = false;
  ctx.res.end();
}
