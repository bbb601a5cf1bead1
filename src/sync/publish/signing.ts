import type { Signer } from '../signatures/signing-keys.js';
import type { Trust } from '../signatures/trust.js';
import { SyncError } from '../sync-error.js';
import type { DirectoryFile } from './directories.js';
import type { Phase, RepositoryFile } from './ports.js';

/** What signs a repository, and what finds out whether it did. */
export interface Signing {
  readonly signer: Signer;
  /** Knows the signer's own public keys. */
  readonly trust: Trust;
}

/** A text that readers see, rewritten with each generation. */
export function textFile(path: string, phase: Phase, text: string | Uint8Array, immutable = false): RepositoryFile {
  return { path, phase, content: { text: typeof text === 'string' ? Buffer.from(text) : text }, immutable };
}

/** A directory file with its signatures, each verified as soon as it is made: `.asc` in the clear, `.gpg` detached, `.minisig`. */
export async function signedDirectory(
  { path, text, signatures }: DirectoryFile,
  phase: Phase,
  signing: Signing | undefined,
): Promise<readonly RepositoryFile[]> {
  const files = [textFile(path, phase, text)];
  if (signing === undefined) return files;
  const bytes = Buffer.from(text);
  if (signing.signer.can.openpgp) {
    files.push(textFile(`${path}.asc`, phase, await clearsigned(path, text, signing)));
    if (signatures === 'all') files.push(textFile(`${path}.gpg`, phase, await detached(bytes, signing)));
  }
  if (signing.signer.can.minisign && signatures === 'all') {
    const all = await minisigned(path, bytes, signing);
    const { minisignIds } = signing.signer.publicKeys;
    // Tools look for one signature: that of the first key. Those of further keys (rotation) bear their ids.
    const nameOf = (index: number) => `${path}.minisig${index === 0 ? '' : `.${minisignIds[index]}`}`;
    files.push(...all.map((signature, index) => textFile(nameOf(index), phase, signature)));
  }
  return files;
}

/** The clearsigned form of a document of simplestreams. */
export function signedPath(path: string): string {
  return path.replace(/\.json$/, '.sjson');
}

/** A document of simplestreams in its signed forms: `.sjson`, whose text may differ (it names `.sjson` paths), and `.json` with `.json.gpg`. */
export async function signedStream(
  path: string,
  phase: Phase,
  texts: { readonly json: string; readonly sjson: string },
  signing: Signing | undefined,
): Promise<readonly RepositoryFile[]> {
  const json = textFile(path, phase, texts.json);
  if (!signing?.signer.can.openpgp) return [json];
  return [
    json,
    textFile(`${path}.gpg`, phase, await detached(Buffer.from(texts.json), signing)),
    textFile(signedPath(path), phase, await clearsigned(path, texts.sjson, signing)),
  ];
}

async function clearsigned(path: string, text: string, { signer, trust }: Signing): Promise<string> {
  const signed = await signer.clearsign(text);
  const read = await trust.verifyClearsigned(signed);
  if (read.text !== text)
    throw new SyncError('signature', `${path}: the signed text is not the one that was to be signed`);
  return signed;
}

async function detached(bytes: Uint8Array, { signer, trust }: Signing): Promise<Uint8Array> {
  const signature = await signer.detached(bytes);
  await trust.verifyDetached(bytes, signature);
  return signature;
}

async function minisigned(path: string, bytes: Uint8Array, { signer, trust }: Signing): Promise<readonly string[]> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const signatures = await signer.minisign(bytes, name);
  for (const signature of signatures) await trust.verifyMinisign(bytes, signature, name);
  return signatures;
}
