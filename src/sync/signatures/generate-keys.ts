import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../sync-error.js';
import { newMinisignKey, writeMinisignPublicKey } from './minisign-key.js';
import { writeMinisignSecretKey } from './minisign-secret.js';
import { type NewFile, writeNewFiles } from './new-files.js';
import { fingerprintOf, loadOpenpgp } from './openpgp-library.js';
import { readPassphrases } from './secret-file.js';

export interface GenerateOptions {
  readonly kind: 'openpgp' | 'minisign';
  /** Where the files go; made, for its owner alone, when only its last part is not there. */
  readonly dir: string;
  /** Whose key it is, for OpenPGP: `Name` or `Name <address>`. */
  readonly name?: string;
  /** Days until an OpenPGP key expires; never when absent. */
  readonly expiresDays?: number;
  /** Its first line locks the secret key. */
  readonly passphraseFile?: string;
  readonly now?: () => Date;
}

export interface GeneratedKey {
  /** Fingerprint of an OpenPGP key, id of a minisign key. */
  readonly id: string;
  /** Readable by its owner alone. */
  readonly secretFile: string;
  readonly publicFile: string;
  /** What revokes an OpenPGP key that is lost or stolen: keep it elsewhere. */
  readonly revocationFile?: string;
  readonly expires?: Date;
}

/**
 * Makes a key pair and writes its files: `openpgp-<fingerprint>.sec.asc`, `.pub.asc` and `.rev.asc`, or `minisign-<id>.key` and `.pub`. Never
 * overwrites, and leaves no file behind when it fails. Throws SyncError usage.
 */
export async function generateKeys(options: GenerateOptions): Promise<GeneratedKey> {
  const { kind, dir, passphraseFile } = options;
  const [passphrase] = passphraseFile === undefined ? [] : await readPassphrases(passphraseFile);
  const { key, files } = await (kind === 'openpgp'
    ? openpgpPair(options, passphrase)
    : minisignPair(options, passphrase));
  try {
    await mkdir(dir, { mode: 0o700 }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
    await writeNewFiles(files);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SyncError('usage', `${dir}: the key cannot be written: ${why}`, { cause: error });
  }
  return key;
}

interface Pair {
  readonly key: GeneratedKey;
  readonly files: readonly NewFile[];
}

/** Ed25519 in the form that GnuPG knows since 2.1; the key itself signs, without subkeys. */
async function openpgpPair(options: GenerateOptions, passphrase: string | undefined): Promise<Pair> {
  const { dir, name = 'Image repository', expiresDays, now = () => new Date() } = options;
  const openpgp = await loadOpenpgp();
  const date = now();
  const pair = await openpgp.generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [userIdOf(name)],
    subkeys: [],
    date,
    format: 'object',
    ...(expiresDays === undefined ? {} : { keyExpirationTime: secondsOf(expiresDays) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const id = fingerprintOf(pair.publicKey);
  const [secretFile, publicFile, revocationFile] = ['sec', 'pub', 'rev'].map((part) =>
    join(dir, `openpgp-${id}.${part}.asc`),
  );
  if (!secretFile || !publicFile || !revocationFile) throw new Error('three files are named');
  const expiry = await pair.publicKey.getExpirationTime();
  return {
    key: { id, secretFile, publicFile, revocationFile, ...(expiry instanceof Date ? { expires: expiry } : {}) },
    files: [
      { path: secretFile, text: lines(pair.privateKey.armor()), mode: 0o600 },
      { path: revocationFile, text: lines(pair.revocationCertificate), mode: 0o600 },
      { path: publicFile, text: lines(pair.publicKey.armor()), mode: 0o644 },
    ],
  };
}

async function minisignPair(options: GenerateOptions, passphrase: string | undefined): Promise<Pair> {
  if (options.expiresDays !== undefined) throw new SyncError('usage', 'keys of minisign do not expire');
  if (options.name !== undefined) throw new SyncError('usage', 'keys of minisign have no name');
  const key = newMinisignKey();
  const { id } = key.public;
  const secretFile = join(options.dir, `minisign-${id}.key`);
  const publicFile = join(options.dir, `minisign-${id}.pub`);
  return {
    key: { id, secretFile, publicFile },
    files: [
      { path: secretFile, text: await writeMinisignSecretKey(key, passphrase), mode: 0o600 },
      { path: publicFile, text: writeMinisignPublicKey(key.public), mode: 0o644 },
    ],
  };
}

function userIdOf(text: string): { name: string; email?: string } {
  const [, name = '', email] = /^([^<>]+?)(?: *<([^<>\s]+@[^<>\s]+)>)?$/.exec(text.trim()) ?? [];
  if (name === '' || /\p{Cc}/u.test(name)) {
    throw new SyncError('usage', `${JSON.stringify(text)}: a key's name must read "Name" or "Name <address>"`);
  }
  return { name, ...(email === undefined ? {} : { email }) };
}

function secondsOf(days: number): number {
  // The field has 32 bits.
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new SyncError('usage', 'a key expires after 1 to 36500 days');
  }
  return days * 86_400;
}

/** The library ends lines as mail does. */
function lines(armored: string): string {
  return armored.replaceAll('\r', '');
}
