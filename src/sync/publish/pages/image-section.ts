import type { Digests } from '../../formats/digests.js';
import type { PublishedFile, PublishedImage, RepositoryView } from '../repository-view.js';
import { grouped, machineTime, readableSize, readableTime } from './amounts.js';
import { createCommand, downloadCommand, syncCommand } from './commands.js';
import { linkTo, nameOf } from './links.js';
import { type Markup, markup } from './markup.js';

const ALGORITHMS: readonly (readonly [keyof Digests, string])[] = [
  ['md5', 'MD5'],
  ['sha1', 'SHA-1'],
  ['sha256', 'SHA-256'],
  ['sha512', 'SHA-512'],
];

/** What people call an image: its name, or its product where it has none. */
export function titleOf(image: PublishedImage): string {
  return image.name.trim() === '' ? image.product : image.name;
}

/** A command to copy, as a box of its own. */
export function command(text: string): Markup {
  return markup`<div class="command"><pre>${text}</pre></div>`;
}

/** All versions of one product: the newest with everything, older ones in short. `versions` has at least one, the newest first. */
export function imageSection(view: RepositoryView, versions: readonly PublishedImage[]): Markup {
  const [image, ...older] = versions;
  if (image === undefined) return markup``;
  return markup`<details class="image" id="${image.product}" data-os="${image.os}" data-arch="${image.architecture}">
<summary><span class="name">${titleOf(image)}</span><span class="size">${stored(image)}</span>${what(view, image)}</summary>
<div class="body">${image.files.map(fileOf)}
<h3>Download and check</h3>
${image.files.slice(0, 1).map((file) => command(downloadCommand(view, file)))}
<h3>Into your cloud</h3>
${command(syncCommand(view, image))}
${command(createCommand(image))}
<h3>As the cloud stores it</h3>
<dl class="digests"><dt>Size</dt><dd>${bytesOf(image.size)}</dd>${virtual(image)}${digests(image.expanded)}</dl>
<ul class="links"><li><a href="${linkTo(image.sidecar)}">${nameOf(image.sidecar)}</a></li>${metalink(image)}</ul>
${older.length === 0 ? undefined : markup`<h3>Older versions</h3>\n<ul class="older">${older.map(olderVersion)}</ul>`}
</div></details>
`;
}

function what(view: RepositoryView, image: PublishedImage): Markup {
  const { version, architecture, diskFormat, files, sets, updatedAt } = image;
  const encodings = files.map(({ encoding }) => encoding).filter((encoding) => encoding !== 'none');
  const facts = [
    version,
    architecture,
    [diskFormat, ...encodings].join(', '),
    view.sets.length > 1 ? sets.join(', ') : '',
  ];
  return markup`<span class="what">${facts.filter(Boolean).map((fact) => markup`<span>${fact}</span>`)}<span><time datetime="${machineTime(updatedAt)}">${readableTime(updatedAt)}</time></span></span>`;
}

function stored({ files, size }: PublishedImage): string {
  return readableSize(files[0]?.size ?? size);
}

function fileOf({ path, size, digests: found }: PublishedFile): Markup {
  return markup`<p class="file"><a href="${linkTo(path)}" download>${nameOf(path)}</a> <span>${bytesOf(size)}</span></p>
<dl class="digests">${digests(found)}</dl>`;
}

function digests(found: Digests): Markup[] {
  return ALGORITHMS.flatMap(([algorithm, label]) => {
    const digest = found[algorithm];
    return digest === undefined ? [] : [markup`<dt>${label}</dt><dd>${digest}</dd>`];
  });
}

function bytesOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} bytes` : `${readableSize(bytes)} (${grouped(bytes)} bytes)`;
}

function virtual({ virtualSize, size }: PublishedImage): Markup | undefined {
  if (virtualSize === undefined || virtualSize === size) return undefined;
  return markup`<dt>Disk</dt><dd>${bytesOf(virtualSize)}</dd>`;
}

function metalink({ metalink: path }: PublishedImage): Markup | undefined {
  return path === undefined ? undefined : markup`<li><a href="${linkTo(path)}">${nameOf(path)}</a></li>`;
}

function olderVersion(image: PublishedImage): Markup {
  const [file] = image.files;
  if (file === undefined) return markup``;
  return markup`<li><a href="${linkTo(file.path)}" download>${image.version}</a> <span>${titleOf(image)}, ${readableSize(file.size)}</span>${file.digests.sha256 === undefined ? undefined : markup`<code>SHA-256 ${file.digests.sha256}</code>`}</li>`;
}
