import { writeChecksumFile } from '../formats/checksum-file.js';
import type { BlobDigests } from './known-blobs.js';

/** A file that directory files name. */
export interface Listed {
  readonly path: string;
  readonly digests: BlobDigests;
}

/** One directory file: the hashes of all its files by one algorithm. */
export interface DirectoryFile {
  readonly path: string;
  readonly text: string;
  /** MD5 lists are signed in the clear alone: they are there for clients that know nothing else. */
  readonly signatures: 'all' | 'clear';
}

const LISTS = [
  { name: 'md5sum', algorithm: 'md5', signatures: 'clear' },
  { name: 'SHA256SUMS', algorithm: 'sha256', signatures: 'all' },
  { name: 'SHA512SUMS', algorithm: 'sha512', signatures: 'all' },
] as const;

/** The paths that directory files with this prefix have: '' is the root's, `sets/all.` that of a set. */
export function directoryPaths(prefix: string): readonly string[] {
  return LISTS.map(({ name }) => `${prefix}${name}`);
}

/** `md5sum`, `SHA256SUMS` and `SHA512SUMS` over the same files, in the form that coreutils check from the root of the repository. */
export function directoryFiles(prefix: string, listed: readonly Listed[]): readonly DirectoryFile[] {
  return LISTS.map(({ name, algorithm, signatures }) => ({
    path: `${prefix}${name}`,
    text: writeChecksumFile(listed.map(({ path, digests }) => ({ path, digest: digests[algorithm], binary: false }))),
    signatures,
  }));
}

/** The list of one folder's files by their names in it, as mirrors of distributions have it. */
export function folderList(folder: string, listed: readonly Listed[]): string {
  const names = listed.map(({ path, digests }) => ({
    path: path.slice(folder.length + 1),
    digest: digests.sha256,
    binary: false,
  }));
  return writeChecksumFile(names);
}
