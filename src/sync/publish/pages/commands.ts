import type { Encoding } from '../../../compression/encoding.js';
import type { PublishedFile, PublishedImage, RepositoryView } from '../repository-view.js';
import { baseOf, encodePath, nameOf } from './links.js';
import { shellWord } from './shell.js';

/** Programs that undo an encoding and keep what they were given. */
const EXPANDERS: Readonly<Record<Encoding, string | undefined>> = {
  none: undefined,
  gzip: 'gunzip --keep',
  bzip2: 'bunzip2 --keep',
  xz: 'unxz --keep',
  zstd: 'unzstd',
};

/** The word of a command that stands for a file's address. Where nobody knows the base, a variable does. */
function address(view: RepositoryView, path: string): string {
  const base = baseOf(view);
  return base === undefined ? `"$BASE"${shellWord(encodePath(path))}` : shellWord(base + encodePath(path));
}

/** Fetches a file, and goes on where an earlier try stopped; then compares its hash. */
export function downloadCommand(view: RepositoryView, file: PublishedFile): string {
  const { sha256 } = file.digests;
  const fetch = `curl -fL -C - -o ${fileWord(file.path)} ${address(view, file.path)}`;
  return sha256 === undefined ? fetch : `${fetch}\necho ${shellWord(`${sha256}  ${nameOf(file.path)}`)} | sha256sum -c`;
}

/** A file's name is never an option. */
function fileWord(path: string): string {
  const name = nameOf(path);
  return shellWord(name.startsWith('-') ? `./${name}` : name);
}

/** Brings one image into the cloud that the environment names: by the signed lists where there are some, since its `.properties` file has no signature of its own. */
export function syncCommand(view: RepositoryView, image: PublishedImage): string {
  const keys = keyOptions(view);
  if (keys === '' || image.name === '') return `image-sync ${address(view, image.sidecar)}`;
  return `image-sync ${keys}--filter ${shellWord(`name=${image.name}`)} --max 1 ${address(view, '')}`;
}

/** Brings everything into the cloud that the environment names. */
export function mirrorCommand(view: RepositoryView): string {
  return `image-sync ${keyOptions(view)}${address(view, '')}`;
}

function keyOptions({ keys: { openpgp, minisign } }: RepositoryView): string {
  if (openpgp !== undefined) return `--keyring ${shellWord(nameOf(openpgp))} `;
  const [first] = minisign;
  return first === undefined ? '' : `--minisign-key ${shellWord(first.key)} `;
}

/** Fetches the public keys, and compares the lists of hashes with their signatures. Undefined when nothing is signed. */
export function verifyCommand(view: RepositoryView): string | undefined {
  const { openpgp, minisign } = view.keys;
  const get = (...paths: readonly string[]): string =>
    `curl -fL ${paths.map((path) => `-O ${address(view, path)}`).join(' ')}`;
  if (openpgp !== undefined) {
    return [
      get(openpgp, 'SHA256SUMS', 'SHA256SUMS.gpg'),
      `gpg --dearmor < ${shellWord(nameOf(openpgp))} > keyring.gpg`,
      'gpgv --keyring ./keyring.gpg SHA256SUMS.gpg SHA256SUMS',
    ].join('\n');
  }
  const [first] = minisign;
  if (first === undefined) return undefined;
  return `${get('SHA256SUMS', 'SHA256SUMS.minisig')}\nminisign -V -P ${shellWord(first.key)} -m SHA256SUMS`;
}

/** Creates the image in the cloud that the environment names, from the file as it was downloaded. */
export function createCommand(image: PublishedImage): string {
  const [file] = image.files;
  if (file === undefined) return '';
  const expander = EXPANDERS[file.encoding];
  const stored = fileWord(file.path);
  const expanded = expander === undefined ? stored : fileWord(file.path.replace(/\.[^./]+$/, ''));
  const words = [
    'openstack image create',
    `--disk-format ${shellWord(image.diskFormat)} --container-format ${shellWord(image.containerFormat)}`,
    ...(image.minDisk > 0 || image.minRam > 0 ? [`--min-disk ${image.minDisk} --min-ram ${image.minRam}`] : []),
    ...[...image.properties].map(([name, value]) => `--property ${shellWord(`${name}=${value}`)}`),
    ...image.tags.map((tag) => `--tag ${shellWord(tag)}`),
    `--file ${expanded}`,
    image.name.startsWith('-') ? `-- ${shellWord(image.name)}` : shellWord(image.name),
  ];
  const create = words.join(' \\\n  ');
  return expander === undefined ? create : `${expander} ${stored}\n${create}`;
}
