import { writeMetalink } from '../formats/metalink.js';
import { writeRepositoryInfo } from '../formats/repository-info.js';
import { type DirectoryFile, directoryFiles, directoryPaths, folderList, type Listed } from './directories.js';
import type { Fingerprints } from './fingerprints.js';
import { renderFeed } from './pages/feed.js';
import { renderIndexHtml } from './pages/index-html.js';
import type { RepositoryFile } from './ports.js';
import type { PublishedSet, RepositoryView } from './repository-view.js';
import { contentId, type PublishSettings, productsPath } from './settings.js';
import { type Signing, signedDirectory, textFile } from './signing.js';
import { streamsFiles } from './streams-files.js';
import { traceFile } from './trace.js';
import { digestsOf, type Version } from './version.js';

export interface GenerationFacts {
  readonly generation: number;
  readonly updated: Date;
  readonly expires: Date;
}

export interface ComposeParts extends GenerationFacts {
  readonly settings: PublishSettings;
  readonly versions: readonly Version[];
  readonly signing: Signing | undefined;
  readonly fingerprints: Fingerprints;
  /** Whether blobs get a second path by their hash. */
  readonly byHash: boolean;
}

export interface Composed {
  readonly files: readonly RepositoryFile[];
  /** Paths that hold the same bytes for ever. */
  readonly immutable: readonly string[];
}

/** Every file of a generation but those that are only kept from former ones. */
export async function compose(parts: ComposeParts): Promise<Composed> {
  const { settings, versions, signing, generation } = parts;
  const view = viewOf(parts);
  const listed = new Map(versions.map((version) => [version, listedOf(version)]));
  const info = textFile(`repo/${generation}.json`, 'sidecar', infoOf(parts), true);
  const files: RepositoryFile[] = [info];
  for (const version of versions) files.push(...filesOf(version, listed.get(version) ?? [], parts));
  for (const set of settings.sets) {
    const own = versions.filter(({ shown }) => shown.sets.includes(set.name)).flatMap((one) => listed.get(one) ?? []);
    // With the facts of the generation, by which readers of a set alone tell an old list from a new one; under its own name, by which they tell it from other lists.
    const facts = textFile(`repo/${generation}.${set.name}.json`, 'sidecar', infoOf(parts), true);
    files.push(facts);
    const lists = directoryFiles(`sets/${set.name}.`, [...own, listedText(facts)]);
    files.push(...(await signedAll(lists, 'set', signing)));
  }
  const all = [...[...listed.values()].flat(), listedText(info)];
  files.push(...(await signedAll(directoryFiles('', all), 'directory', signing)));
  files.push(...(await streamsFiles(parts)));
  files.push(...keyFiles(signing));
  files.push(
    textFile('repo.json', 'info', infoOf(parts)),
    textFile('index.html', 'info', renderIndexHtml(view)),
    textFile('feed.xml', 'info', renderFeed(view)),
    traceFile(settings, generation, parts.updated),
  );
  const unique = new Map(files.map((file) => [file.path, file]));
  const immutable = [...unique.values()].filter((file) => file.immutable).map(({ path }) => path);
  return { files: [...unique.values()], immutable };
}

async function signedAll(
  directories: readonly DirectoryFile[],
  phase: 'set' | 'directory',
  signing: Signing | undefined,
): Promise<readonly RepositoryFile[]> {
  const files = await Promise.all(directories.map((directory) => signedDirectory(directory, phase, signing)));
  return files.flat();
}

function listedOf({ shown, sidecar, blobs }: Version): readonly Listed[] {
  return [
    { path: shown.sidecar, digests: digestsOf(sidecar) },
    ...blobs.map(({ path, blob }) => ({ path, digests: blob.stored })),
  ];
}

function listedText({ path, content }: RepositoryFile): Listed {
  return { path, digests: digestsOf('text' in content ? content.text : new Uint8Array()) };
}

function filesOf(version: Version, listed: readonly Listed[], parts: ComposeParts): readonly RepositoryFile[] {
  const { folder, blobs, shown, sidecar } = version;
  const data = (path: string, blob: string, size: number): RepositoryFile => ({
    path,
    phase: 'data',
    content: { blob, size },
    immutable: true,
  });
  return [
    ...blobs.flatMap(({ path, blob }) => [
      data(path, blob.stored.sha256, blob.size),
      ...(parts.byHash ? [data(`by-hash/sha256/${blob.stored.sha256}`, blob.stored.sha256, blob.size)] : []),
    ]),
    textFile(shown.sidecar, 'sidecar', sidecar, true),
    textFile(`${folder}/SHA256SUMS`, 'sidecar', folderList(folder, listed), true),
    ...metalinkOf(version, parts.settings),
  ];
}

/** A Metalink file names URLs: where readers find the repository must be known, and may change. */
function metalinkOf({ shown }: Version, { baseUrl }: PublishSettings): readonly RepositoryFile[] {
  const [first] = shown.files;
  if (baseUrl === undefined || first === undefined) return [];
  const text = writeMetalink({
    name: first.path.slice(first.path.lastIndexOf('/') + 1),
    size: first.size,
    digests: first.digests,
    urls: [new URL(first.path, baseUrl).href],
    updated: shown.updatedAt,
  });
  return [textFile(metalinkPath(shown.sidecar), 'sidecar', text)];
}

function metalinkPath(sidecar: string): string {
  return sidecar.replace(/\.properties$/, '.meta4');
}

function infoOf({ settings, generation, updated, expires, signing }: ComposeParts): string {
  return writeRepositoryInfo({
    generation,
    updated,
    expires,
    publisher: settings.publisher,
    keys: signing?.signer.publicKeys.fingerprints ?? [],
    sets: settings.sets.map(({ name }) => name),
  });
}

/** Public keys are there to be compared, not to be trusted because they are there. */
function keyFiles(signing: Signing | undefined): readonly RepositoryFile[] {
  if (signing === undefined) return [];
  const { openpgp, minisign } = signing.signer.publicKeys;
  return [
    ...(openpgp === undefined ? [] : [textFile('pubkey.asc', 'directory', openpgp)]),
    ...minisign.map((text, index) => textFile(minisignPath(index), 'directory', text)),
  ];
}

function minisignPath(index: number): string {
  return index === 0 ? 'minisign.pub' : `minisign.${index + 1}.pub`;
}

/** What people are shown of a generation. */
export function viewOf({
  settings,
  versions,
  signing,
  generation,
  updated,
  expires,
}: Omit<ComposeParts, 'fingerprints' | 'byHash'>): RepositoryView {
  const keys = signing?.signer.publicKeys;
  return {
    publisher: settings.publisher,
    domain: settings.domain,
    generation,
    updated,
    expires,
    ...(settings.baseUrl === undefined ? {} : { baseUrl: settings.baseUrl }),
    keys: {
      fingerprints: keys?.fingerprints ?? [],
      ...(keys?.openpgp === undefined ? {} : { openpgp: 'pubkey.asc' }),
      minisign: (keys?.minisign ?? []).map((text, index) => ({ path: minisignPath(index), key: keyLine(text) })),
    },
    sets: settings.sets.map(
      (set): PublishedSet => ({
        name: set.name,
        contentId: contentId(settings, set.channel),
        products: productsPath(settings, set.channel),
        directories: directoryPaths(`sets/${set.name}.`),
        images: versions.filter(({ shown }) => shown.sets.includes(set.name)).length,
      }),
    ),
    images: versions.map(({ shown }) =>
      settings.baseUrl === undefined ? shown : { ...shown, metalink: metalinkPath(shown.sidecar) },
    ),
  };
}

/** The line of a `.pub` file that is the key. */
function keyLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
