import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Image } from '../../domain/image.js';
import type { Opened } from '../../domain/ports/store.js';
import { knownSize } from '../../service/locations.js';
import { downloadSignal } from '../client-gone.js';
import { actorOf, type Context } from '../context.js';
import { sendElsewhere } from '../elsewhere.js';
import { detailed, HttpFault } from '../fault.js';
import { writeTextHead } from '../raw-header-names.js';
import { readerOf } from '../reader.js';
import { type Handler, segment } from '../routes.js';
import { send } from '../send.js';
import { baseUrl, setEtag } from './answer.js';
import type { V1Api } from './api.js';
import { findImage, policyTarget } from './find-image.js';
import { shownTo } from './property-rights.js';
import { headerEncoding } from './request-headers.js';

/** Takes the answer out of koa's hands: its headers may have names that only we can write. */
function writeHead(ctx: Context, api: V1Api, image: Image, status = 200): void {
  ctx.respond = false;
  setEtag(ctx, image);
  const shown = shownTo(actorOf(ctx), api.protections, image);
  writeTextHead(ctx.res, status, api.dialect.headers(shown, baseUrl(ctx, api)), headerEncoding(ctx.req));
}

/** `HEAD /v1/images/{id}`: image-api-v1 section 1.5. */
export const head: Handler<V1Api> = async (ctx, api) => {
  const actor = actorOf(ctx);
  api.policy.enforce(actor, 'get_image');
  const image = await findImage(ctx, api, segment(ctx, 'id'));
  ctx.set('Content-Type', 'text/html; charset=UTF-8');
  ctx.set('Content-Length', '0');
  writeHead(ctx, api, image);
  ctx.res.end();
};

/** A forbidden download is told before a missing image: the rule is asked even where there is no image (image-api-v1 section 1.6). */
async function downloadable(ctx: Context, api: V1Api): Promise<Image> {
  const actor = actorOf(ctx);
  api.policy.enforce(actor, 'get_image');
  const id = segment(ctx, 'id');
  let image: Image;
  try {
    image = await findImage(ctx, api, id);
  } catch (error) {
    if (error instanceof HttpFault && error.status === 404) api.policy.enforce(actor, 'download_image', {});
    throw error;
  }
  api.policy.enforce(actor, 'download_image', policyTarget(image));
  if (image.status === 'deactivated') throw detailed(403, `Image ${id} is deactivated`);
  if (image.status !== 'active') throw detailed(404, `Image ${id} is not active`);
  return image;
}

/** The store's chunks are valid only until the next one is asked for, and the compressor reads ahead. */
async function* copied(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of bytes) yield Buffer.from(chunk);
}

async function sendCompressed(ctx: Context, opened: Opened): Promise<void> {
  try {
    await pipeline(
      Readable.from(copied(opened.bytes), { objectMode: false }),
      createGzip({ level: constants.Z_BEST_SPEED }),
      ctx.res,
    );
  } finally {
    await opened.close();
  }
}

/** `GET /v1/images/{id}`: the whole image, whatever ranges and conditions the request has (image-api-v1 section 1.6). */
export const show: Handler<V1Api> = async (ctx, api) => {
  const image = await downloadable(ctx, api);
  ctx.set('Content-Type', 'application/octet-stream');
  const signal = downloadSignal(ctx);
  const empty = knownSize(image) === 0 || image.locations.length === 0;
  const reader = readerOf(ctx);
  const elsewhere = empty ? undefined : await api.locations.elsewhere(image, { reader });
  // A web server that sends the file drops the headers that describe the image, and v1's clients read those.
  if (elsewhere?.kind === 'redirect') {
    writeHead(ctx, api, image, sendElsewhere(ctx, image, elsewhere));
    ctx.res.end();
    return;
  }
  const opened = empty ? undefined : await api.locations.open(image, undefined, { signal, reader });
  // A store that knows the size knows it better than the registry.
  const size = opened === undefined ? (image.size ?? 0) : (opened.size ?? knownSize(image));
  const compressed = ctx.state.gzip === true && opened !== undefined;
  if (compressed) ctx.set('Content-Encoding', 'gzip');
  else if (size !== undefined) ctx.set('Content-Length', String(size));
  writeHead(ctx, api, { ...image, size: size ?? image.size });
  if (opened === undefined) {
    ctx.res.end();
    return;
  }
  ctx.state.dataBytes = size ?? 0;
  if (compressed) return sendCompressed(ctx, opened);
  const sent = await send(ctx.res, opened, size, signal);
  ctx.state.dataBytes = sent.bytes;
};
