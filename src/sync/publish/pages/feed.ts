import { createHash } from 'node:crypto';
import type { PublishedFile, PublishedImage, RepositoryView } from '../repository-view.js';
import { machineTime, readableSize } from './amounts.js';
import { titleOf } from './image-section.js';
import { baseOf, encodePath } from './links.js';
import { type Markup, markup } from './markup.js';

/**
 * What is new, for feed readers: Atom (RFC 4287), one entry for each version of each image, the newest first. An entry's id goes by the
 * publisher's domain, the product and the version, and so stays the same wherever the repository moves.
 */
export function renderFeed(view: RepositoryView): string {
  const entries = view.images.toSorted(
    (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime() || compare(keyOf(a), keyOf(b)),
  );
  const base = baseOf(view);
  return markup`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"${base === undefined ? undefined : markup` xml:base="${base}"`}>
<title>${view.publisher}: images</title>
<id>${idOf(view.domain)}</id>
<updated>${machineTime(entries[0]?.updatedAt ?? view.updated)}</updated>
<author><name>${view.publisher}</name></author>
<link rel="self" type="application/atom+xml" href="${base ?? ''}feed.xml"/>
<link rel="alternate" type="text/html" href="${base ?? './'}"/>
${entries.map((image) => entry(view, image))}</feed>
`.text;
}

function entry(view: RepositoryView, image: PublishedImage): Markup {
  const address = (path: string): string => (baseOf(view) ?? './') + encodePath(path);
  return markup`<entry>
<title>${titleOf(image)} ${image.version}</title>
<id>${idOf(view.domain, image.product, image.version)}</id>
<updated>${machineTime(image.updatedAt)}</updated>
<link rel="alternate" type="text/html" href="${address('')}#${encodeURIComponent(image.product.toWellFormed())}"/>
<link rel="related" type="text/plain" href="${address(image.sidecar)}"/>
${image.files.map((file) => enclosure(address(file.path), file))}<summary>${summary(image)}</summary>
</entry>
`;
}

function enclosure(address: string, { size }: PublishedFile): Markup {
  return markup`<link rel="enclosure" type="application/octet-stream" length="${size}" href="${address}"/>\n`;
}

function summary(image: PublishedImage): string {
  const [file] = image.files;
  const size = file === undefined ? '' : `, ${readableSize(file.size)}`;
  const digest = file?.digests.sha256 === undefined ? '' : `, SHA-256 ${file.digests.sha256}`;
  return `${image.architecture}, ${image.diskFormat}${size}${digest}`;
}

function keyOf({ product, version }: PublishedImage): string {
  return `${product} ${version}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The name space for names that are URLs (RFC 9562, appendix C). */
const NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/** A UUID of these names, always the same one (RFC 9562 version 5). */
function idOf(domain: string, ...names: readonly string[]): string {
  const path = names.map((name) => encodeURIComponent(name.toWellFormed())).join('/');
  const bytes = createHash('sha1')
    .update(NAMESPACE)
    .update(`https://${domain}/images/${path}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
