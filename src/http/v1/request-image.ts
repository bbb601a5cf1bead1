import { RegistryError } from '../../domain/errors.js';
import type { ImageChange } from '../../domain/image.js';
import type { Source } from '../../stream/intake.js';
import type { Context } from '../context.js';
import { headerOf } from '../context.js';
import { fault } from '../fault.js';
import { inTime } from '../in-time.js';
import { contentLength, hasBody, openBody } from '../request-body.js';
import type { V1Api } from './api.js';
import { type ImageMeta, readImageMeta } from './image-meta.js';
import { isMultipart, readForm } from './multipart.js';
import { textHeader, textHeaders } from './request-headers.js';
import { validateMeta } from './validate.js';

/** The image's bytes in the request, not yet read. */
export interface ImageData {
  open(): Source;
  /** Bytes, when the transport announces them. */
  readonly length: number | undefined;
  /** False when the body is of a type that is no image data; the image is killed for it. */
  readonly isImageData: boolean;
}

/** A POST or PUT of an image, read and checked. */
export interface ImageRequest {
  readonly meta: ImageMeta;
  /** URL to copy the bytes from; '' when the header is there and empty. */
  readonly copyFrom: string | undefined;
  readonly data: ImageData | undefined;
}

const COPY_FROM = 'x-glance-api-copy-from';

function rawData(ctx: Context): ImageData | undefined {
  if (!hasBody(ctx.req)) return undefined;
  const [type = ''] = (headerOf(ctx.req, 'content-type') ?? '').split(';', 1);
  return {
    open: () => openBody(ctx.req),
    length: contentLength(ctx.req),
    isImageData: type.trim() === 'application/octet-stream',
  };
}

async function readEntries(ctx: Context): Promise<{ entries: [string, string][]; data: ImageData | undefined }> {
  const headers = textHeaders(ctx.req);
  if (ctx.method !== 'POST' || !isMultipart(ctx.req)) return { entries: headers, data: rawData(ctx) };
  const form = await inTime(readForm(ctx.req));
  const { file } = form;
  const data = file === undefined ? undefined : { open: () => file, length: undefined, isImageData: true };
  return { entries: [...headers, ...form.fields], data };
}

/** Reads the headers, or the form, of a POST or PUT. Throws 400 for whatever is wrong with them alone, 408 for a form that comes too slowly, 413 for a form beyond its limits. */
export async function readImageRequest(ctx: Context, api: V1Api): Promise<ImageRequest> {
  const { entries, data } = await readEntries(ctx);
  const meta = readImageMeta(entries);
  validateMeta(meta, api.formats, api.sizeCap, data?.length);
  if (api.dialect.manual) applyManual(meta, api, ctx.method);
  const copyFrom = entries.findLast(([name]) => name === COPY_FROM)?.[1] ?? textHeader(ctx.req, COPY_FROM);
  return { meta, copyFrom, data };
}

/** The rules that only the API's first manual has (docs/v1-dialects.md). */
function applyManual(meta: ImageMeta, api: V1Api, method: string): void {
  if (method === 'POST' && (meta.name ?? '') === '') throw fault(400, 'x-image-meta-name is required.');
  if (typeof meta.store === 'string' && !api.storeNames.has(meta.store)) {
    throw fault(400, `Required store ${meta.store} is invalid`);
  }
  const properties = [...meta.properties];
  meta.properties.clear();
  for (const [name, value] of properties) meta.properties.set(api.dialect.propertyName(name), value);
}

/** What a request says of the image's own fields. Throws invalid for a name or owner of more than 255 characters. */
export function changeOf(meta: ImageMeta): ImageChange {
  if (meta.owner !== undefined && meta.owner !== null && [...meta.owner].length > 255) {
    throw new RegistryError('invalid', 'Image owner too long: at most 255 characters are allowed.');
  }
  return {
    ...(meta.name === undefined ? {} : { name: meta.name }),
    ...(meta.owner === undefined ? {} : { owner: meta.owner }),
    ...(meta.isPublic === undefined ? {} : { visibility: meta.isPublic ? 'public' : 'shared' }),
    ...(meta.protected === undefined ? {} : { protected: meta.protected }),
    ...(meta.diskFormat === undefined ? {} : { diskFormat: meta.diskFormat }),
    ...(meta.containerFormat === undefined ? {} : { containerFormat: meta.containerFormat }),
    ...(meta.size === undefined ? {} : { size: meta.size }),
    ...(meta.virtualSize === undefined ? {} : { virtualSize: meta.virtualSize }),
    ...(meta.checksum === undefined ? {} : { checksum: meta.checksum }),
    ...(meta.minDisk === undefined ? {} : { minDisk: meta.minDisk }),
    ...(meta.minRam === undefined ? {} : { minRam: meta.minRam }),
  };
}
