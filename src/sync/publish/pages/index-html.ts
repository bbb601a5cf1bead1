import { createHash } from 'node:crypto';
import type { PublishedImage, RepositoryView } from '../repository-view.js';
import { machineTime, readableSize, readableTime } from './amounts.js';
import { mirrorCommand, verifyCommand } from './commands.js';
import { command, imageSection } from './image-section.js';
import { baseOf, linkTo } from './links.js';
import { type Markup, markup, Markup as Raw } from './markup.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

/** Only what is written here is styled or run; nothing is fetched from anywhere, whatever an image calls itself. */
const POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The page by which people read a repository: one file, without network, the same bytes for the same view. Works without script, which adds search. */
export function renderIndexHtml(view: RepositoryView): string {
  const products = byProduct(view.images);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Raw(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${view.publisher}: images</title>
<link rel="icon" href="data:,">
<link rel="alternate" type="application/atom+xml" href="./feed.xml" title="New images">
<style>${new Raw(STYLE)}</style>
</head>
<body>
<div class="sheet">
<header>
<h1>${view.publisher}</h1>
<p class="lead">Virtual machine images for any cloud, as plain files with their hashes${isSigned(view) ? ', signed' : ''}.</p>
${facts(view, products.length)}
</header>
<main>
<h2 id="images">Images</h2>
${search(view.images)}
<p class="count" id="count" role="status" data-all="${imageCount(products.length)}">${imageCount(products.length)}</p>
${products.map((versions) => imageSection(view, versions))}
<h2 id="mirror">Mirror all of it</h2>
<p>image-sync checks every hash${isSigned(view) ? ' and signature' : ''} before an image becomes visible, and brings only what is new. A cron job is all it takes.</p>
${baseVariable(view)}
${command(mirrorCommand(view))}
${setsOf(view)}
<h2 id="verify">Lists and signatures</h2>
<ul class="links">${listsOf(view)}</ul>
${keysOf(view)}
</main>
<footer>Generation ${view.generation} of ${readableTime(view.updated)}. Made for people; programs read <a href="./SHA256SUMS">SHA256SUMS</a> or <a href="./streams/v1/index.json">streams/v1/index.json</a>.</footer>
</div>
<script>${new Raw(SCRIPT)}</script>
</body>
</html>
`.text;
}

/** Versions of one product together, in the order of the view. */
function byProduct(images: readonly PublishedImage[]): readonly (readonly PublishedImage[])[] {
  const products = new Map<string, PublishedImage[]>();
  for (const image of images) {
    const versions = products.get(image.product);
    if (versions === undefined) products.set(image.product, [image]);
    else versions.push(image);
  }
  return [...products.values()];
}

function imageCount(count: number): string {
  return count === 1 ? '1 image' : `${count} images`;
}

function isSigned({ keys }: RepositoryView): boolean {
  return keys.openpgp !== undefined || keys.minisign.length > 0;
}

function facts(view: RepositoryView, products: number): Markup {
  const bytes = view.images.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
  return markup`<dl class="facts">
<div><dt>Images</dt><dd>${products}${view.images.length > products ? ` in ${view.images.length} versions` : ''}, ${readableSize(bytes)}</dd></div>
<div><dt>Updated</dt><dd>${time(view.updated)}</dd></div>
<div><dt>Valid until</dt><dd>${time(view.expires)}</dd></div>
<div><dt>Generation</dt><dd>${view.generation}</dd></div>
</dl>`;
}

function time(moment: Date): Markup {
  return markup`<time datetime="${machineTime(moment)}">${readableTime(moment)}</time>`;
}

function search(images: readonly PublishedImage[]): Markup {
  const choices = (label: string, values: readonly string[]): Markup =>
    markup`<select aria-label="${label}"><option value="">${label}</option>${[...new Set(values)].toSorted().map((value) => markup`<option>${value}</option>`)}</select>`;
  return markup`<div class="search" id="search" role="search" hidden>
<input type="search" placeholder="Name, version, hash…" aria-label="Search images" autocomplete="off" spellcheck="false">
${choices(
  'Every system',
  images.map(({ os }) => os),
)}
${choices(
  'Every architecture',
  images.map(({ architecture }) => architecture),
)}
</div>`;
}

/** Where nobody told the address, the commands leave it to a variable, which the script can fill in. */
function baseVariable(view: RepositoryView): Markup | undefined {
  if (baseOf(view) !== undefined) return undefined;
  return markup`<p>BASE in the commands is the address of this page, with a slash at its end.</p>
<div class="command"><pre id="base">BASE='https://…/'</pre></div>`;
}

function setsOf({ sets }: RepositoryView): Markup | undefined {
  if (sets.length < 2) return undefined;
  return markup`<h3>Sets</h3>
<ul class="older">${sets.map(
    ({ name, contentId, images, products, directories }) =>
      markup`<li>${name} <span>${imageCount(images)}, ${contentId}</span> ${[products, ...directories].map((path) => markup`<a href="${linkTo(path)}">${path}</a> `)}</li>`,
  )}</ul>`;
}

function listsOf({ keys }: RepositoryView): Markup[] {
  const pgp = keys.openpgp !== undefined;
  const mini = keys.minisign.length > 0;
  const sums = [...(pgp ? ['.asc', '.gpg'] : []), ...(mini ? ['.minisig'] : [])];
  const files: readonly (readonly [string, readonly string[]])[] = [
    ['SHA256SUMS', sums],
    ['SHA512SUMS', sums],
    ['md5sum', pgp ? ['.asc'] : []],
    ['streams/v1/index.json', []],
    ...(pgp ? [['streams/v1/index.sjson', []] as const] : []),
    ['repo.json', []],
    ['feed.xml', []],
  ];
  return files.map(
    ([path, signatures]) =>
      markup`<li><a href="${linkTo(path)}">${path}</a>${signatures.map((ending) => markup` <a href="${linkTo(path + ending)}">${ending}</a>`)}</li>`,
  );
}

function keysOf(view: RepositoryView): Markup {
  const { openpgp, minisign, fingerprints } = view.keys;
  const check = verifyCommand(view);
  if (check === undefined)
    return markup`<p>This repository is not signed: its hashes show broken files, not forged ones.</p>`;
  return markup`<p>Compare the fingerprints with what the publisher says elsewhere before you trust a key.</p>
<ul class="older keys">${fingerprints.map((fingerprint) => markup`<li><code>${fingerprint}</code></li>`)}
${openpgp === undefined ? undefined : markup`<li><a href="${linkTo(openpgp)}">${openpgp}</a> <span>OpenPGP</span></li>`}
${minisign.map(({ path, key }) => markup`<li><a href="${linkTo(path)}">${path}</a> <span>minisign</span><code>${key}</code></li>`)}</ul>
${command(check)}`;
}
