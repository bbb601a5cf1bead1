import { SyncError } from '../sync-error.js';
import { decodeBase64, type MinisignPublicKey, parseMinisignPublicKey } from './minisign-key.js';
import { isSignedBy, parseMinisignSignature } from './minisign-signature.js';
import { type OpenpgpSigned, type OpenpgpTrust, openOpenpgpTrust } from './openpgp-trust.js';
import { readPublicFile } from './secret-file.js';

/** Keys that a mirror believes. All methods throw SyncError signature, saying why, when no trusted key made a valid signature. */
export interface Trust {
  readonly kinds: { readonly openpgp: boolean; readonly minisign: boolean };
  /** Ids of the minisign keys, as they stand in the names of further `.minisig.<id>` files. */
  readonly minisignIds: readonly string[];
  /** `text` is what was signed, to be used instead of the file: nothing around it, no white space at line ends. */
  verifyClearsigned(text: string): Promise<OpenpgpSigned & { readonly text: string }>;
  /** One or several OpenPGP signatures, binary or armoured, over exactly these bytes. */
  verifyDetached(bytes: Uint8Array, signature: Uint8Array): Promise<OpenpgpSigned>;
  /** With a `fileName`, a comment that names another file is refused: it would be another file of the same publisher. */
  verifyMinisign(bytes: Uint8Array, signatureText: string, fileName?: string): Promise<MinisignSigned>;
}

export interface MinisignSigned {
  /** Id of the key: 16 hex digits in capitals. */
  readonly signedBy: string;
  /** From the trusted comment, where it says so. */
  readonly signedAt?: Date;
  readonly trustedComment: string;
}

export interface TrustOptions {
  /** OpenPGP public keys, armoured or binary. */
  readonly keyringFiles: readonly string[];
  /** Public keys as `minisign -P` takes them, or files that hold one. */
  readonly minisignKeys: readonly string[];
  readonly now?: () => Date;
}

/** Reads the keys to trust. Throws SyncError usage, the file or key named. */
export async function openTrust(options: TrustOptions): Promise<Trust> {
  const { keyringFiles, minisignKeys, now = () => new Date() } = options;
  const openpgp = keyringFiles.length === 0 ? undefined : await openOpenpgpTrust(keyringFiles, now);
  const minisign = await Promise.all(minisignKeys.map(readMinisignKey));
  return {
    kinds: { openpgp: openpgp !== undefined, minisign: minisign.length > 0 },
    minisignIds: minisign.map((key) => key.id),
    verifyClearsigned: async (text) => openpgpOr(openpgp).verifyClearsigned(text),
    verifyDetached: async (bytes, signature) => openpgpOr(openpgp).verifyDetached(bytes, signature),
    verifyMinisign: async (bytes, text, fileName) => verifyMinisign(minisign, bytes, text, fileName),
  };
}

function openpgpOr(trust: OpenpgpTrust | undefined): OpenpgpTrust {
  if (!trust) throw new SyncError('signature', 'no OpenPGP key is trusted');
  return trust;
}

async function readMinisignKey(given: string): Promise<MinisignPublicKey> {
  if (decodeBase64(given)?.length === 42) return parseMinisignPublicKey(given);
  const text = (await readPublicFile(given)).toString('utf8');
  try {
    return parseMinisignPublicKey(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SyncError('usage', `${given}: ${why}`, { cause: error });
  }
}

function verifyMinisign(
  keys: readonly MinisignPublicKey[],
  bytes: Uint8Array,
  text: string,
  fileName: string | undefined,
): MinisignSigned {
  const given = parseMinisignSignature(text);
  const known = keys.filter((key) => key.number.equals(given.keyNumber));
  if (known.length === 0) throw new SyncError('signature', `the minisign key ${given.keyId} is not trusted`);
  if (!known.some((key) => isSignedBy(key, bytes, given))) {
    throw new SyncError('signature', `the signature of the minisign key ${given.keyId} is wrong`);
  }
  const { trustedComment } = given;
  const [, named] = /(?:^|\t)file:([^\t]*)/.exec(trustedComment) ?? [];
  if (fileName !== undefined && named !== undefined && named !== fileName) {
    throw new SyncError(
      'signature',
      `the signature is that of ${JSON.stringify(named)}, not of ${JSON.stringify(fileName)}`,
    );
  }
  const [, seconds] = /(?:^|\t)timestamp:(\d{1,12})(?:\t|$)/.exec(trustedComment) ?? [];
  const signedAt = seconds === undefined ? {} : { signedAt: new Date(Number(seconds) * 1000) };
  return { signedBy: given.keyId, trustedComment, ...signedAt };
}
