import { SyncError } from '../sync-error.js';
import { type MinisignSecretKey, writeMinisignPublicKey } from './minisign-key.js';
import { isEncrypted, parseMinisignSecretKey } from './minisign-secret.js';
import { signMinisign } from './minisign-signature.js';
import { type OpenpgpSigning, openOpenpgpSigning } from './openpgp-signing.js';
import { readPassphrases, readSecretFile } from './secret-file.js';

/** What signs a repository. Several keys of a kind sign side by side, so that readers may trust the old one or the new one. */
export interface Signer {
  /**
   * Text in OpenPGP's clearsigned form, whose payload is `text` byte for byte. Throws SyncError invalid for a text of which that could not be
   * said: one without a newline at its end, with white space before one, or with carriage returns.
   */
  clearsign(text: string): Promise<string>;
  /** Binary OpenPGP signatures, one of each key, as gpgv reads them. */
  detached(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * Texts of `.minisig` files, one of each key in the order of the keys, since such a file holds one signature alone: the first belongs into
   * `NAME.minisig`, further ones into `NAME.minisig.<id>`, the ids being `publicKeys.minisignIds`. `fileName` (no folder) goes into the trusted comment.
   */
  minisign(bytes: Uint8Array, fileName: string): Promise<readonly string[]>;
  readonly publicKeys: {
    /** `pubkey.asc`: all OpenPGP keys, armoured. */
    readonly openpgp?: string;
    /** The same keys in binary, as `gpgv --keyring` wants them. */
    readonly openpgpKeyring?: Uint8Array;
    /** Texts of `minisign.pub`, in the order of the keys. */
    readonly minisign: readonly string[];
    /** Their ids: 16 hex digits in capitals. */
    readonly minisignIds: readonly string[];
    /** Of the OpenPGP keys in hex, then `minisign:<id>` of the others. */
    readonly fingerprints: readonly string[];
  };
  readonly can: { readonly openpgp: boolean; readonly minisign: boolean };
}

export interface SignerOptions {
  /** Secret keys as `gpg --export-secret-keys` writes them, armoured or not. */
  readonly openpgpKeyFiles: readonly string[];
  /** One passphrase in a line; each key takes the one that opens it. */
  readonly passphraseFile?: string;
  /** Secret keys as `minisign -G` writes them. */
  readonly minisignKeyFiles: readonly string[];
  readonly now?: () => Date;
}

/**
 * Opens the keys that sign. Throws SyncError usage, with the file's name: for a file that cannot be read, that others may read, that holds no such key;
 * for a key that is expired, revoked or too weak; for a passphrase that is missing or wrong.
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const { openpgpKeyFiles, minisignKeyFiles, passphraseFile, now = () => new Date() } = options;
  const passphrases = passphraseFile === undefined ? [] : await readPassphrases(passphraseFile);
  const openpgp =
    openpgpKeyFiles.length === 0 ? undefined : await openOpenpgpSigning(openpgpKeyFiles, passphrases, now);
  const minisign: MinisignSecretKey[] = [];
  for (const file of minisignKeyFiles) minisign.push(await openMinisign(file, passphrases));
  return {
    clearsign: async (text) => openpgpOr(openpgp).clearsign(text),
    detached: async (bytes) => openpgpOr(openpgp).detached(bytes),
    async minisign(bytes, fileName) {
      const date = now();
      return minisign.map((key) => signMinisign(key, bytes, fileName, date));
    },
    publicKeys: {
      ...(openpgp ? { openpgp: openpgp.armored, openpgpKeyring: openpgp.keyring } : {}),
      minisign: minisign.map((key) => writeMinisignPublicKey(key.public)),
      minisignIds: minisign.map((key) => key.public.id),
      fingerprints: [...(openpgp?.fingerprints ?? []), ...minisign.map((key) => `minisign:${key.public.id}`)],
    },
    can: { openpgp: openpgp !== undefined, minisign: minisign.length > 0 },
  };
}

function openpgpOr(signing: OpenpgpSigning | undefined): OpenpgpSigning {
  if (!signing) throw new SyncError('usage', 'there is no OpenPGP key to sign with');
  return signing;
}

async function openMinisign(file: string, passphrases: readonly string[]): Promise<MinisignSecretKey> {
  const text = (await readSecretFile(file)).toString('utf8');
  const candidates = isEncrypted(text) && passphrases.length > 0 ? passphrases : [undefined];
  let failure: unknown;
  for (const passphrase of candidates) {
    try {
      return await parseMinisignSecretKey(text, passphrase);
    } catch (error) {
      failure = error;
    }
  }
  const why = failure instanceof Error ? failure.message : String(failure);
  throw new SyncError('usage', `${file}: ${why}`, { cause: failure });
}
