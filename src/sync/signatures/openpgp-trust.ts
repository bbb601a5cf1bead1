import type { Key, Message, Signature, SignaturePacket, VerifyMessageResult } from 'openpgp';
import { parseClearsigned } from '../formats/clearsigned.js';
import { SyncError } from '../sync-error.js';
import { fingerprintOf, loadOpenpgp, type Openpgp, readPublicKeys, reasonOf, settings } from './openpgp-library.js';
import { readPublicFile } from './secret-file.js';

/** Who signed: the fingerprint of the key's primary part, and when by the signer's own clock. */
export interface OpenpgpSigned {
  readonly signedBy: string;
  readonly signedAt: Date;
}

type VerificationResult = VerifyMessageResult['signatures'][number];

/** OpenPGP's half of a Trust. */
export interface OpenpgpTrust {
  verifyClearsigned(text: string): Promise<OpenpgpSigned & { readonly text: string }>;
  verifyDetached(bytes: Uint8Array, signature: Uint8Array): Promise<OpenpgpSigned>;
}

/** Some signatures side by side are a rotation of keys; a file of thousands is an attack. */
const MAX_SIGNATURES = 16;
const MAX_SIGNATURE_BYTES = 64 * 1024;

/** Reads keyrings. Throws SyncError usage, the file named. */
export async function openOpenpgpTrust(files: readonly string[], now: () => Date): Promise<OpenpgpTrust> {
  const openpgp = await loadOpenpgp();
  const keys = await readKeyrings(openpgp, files);
  const { binary, text: textual } = openpgp.enums.signature;
  return {
    async verifyClearsigned(clearsigned) {
      const { text, signature } = parseClearsigned(clearsigned);
      const message = await openpgp.createMessage({ text: text.slice(0, -1) });
      const given = await readSignature(() => openpgp.readSignature({ armoredSignature: signature }), signature.length);
      return { text, ...(await verify(openpgp, keys, message, given, textual, now())) };
    },
    async verifyDetached(bytes, signature) {
      const armoredSignature = Buffer.from(signature).toString('latin1');
      const armored = armoredSignature.startsWith('-----BEGIN PGP');
      const given = await readSignature(
        () =>
          armored ? openpgp.readSignature({ armoredSignature }) : openpgp.readSignature({ binarySignature: signature }),
        signature.byteLength,
      );
      const message = await openpgp.createMessage({ binary: bytes });
      return verify(openpgp, keys, message, given, binary, now());
    },
  };
}

async function readKeyrings(openpgp: Openpgp, files: readonly string[]): Promise<readonly Key[]> {
  const keys = new Map<string, Key>();
  for (const file of files) {
    const bytes = await readPublicFile(file);
    const found = await readPublicKeys(openpgp, bytes).catch((error: unknown) => {
      throw new SyncError('usage', `${file}: is no OpenPGP keyring: ${reasonOf(error)}`, { cause: error });
    });
    if (found.length === 0) throw new SyncError('usage', `${file}: holds no OpenPGP public key`);
    for (const key of found) {
      // The same key in two files may be revoked in one of them, or live longer.
      const known = keys.get(fingerprintOf(key));
      keys.set(fingerprintOf(key), known ? await known.update(key) : key);
    }
  }
  return [...keys.values()];
}

async function readSignature(read: () => Promise<Signature>, length: number): Promise<Signature> {
  if (length > MAX_SIGNATURE_BYTES) throw new SyncError('signature', 'the signature is too large to be one');
  try {
    const signature = await read();
    if (signature.packets.length <= MAX_SIGNATURES) return signature;
  } catch (error) {
    throw new SyncError('signature', `the signature cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  throw new SyncError('signature', `there are more than ${MAX_SIGNATURES} signatures`);
}

/** One good signature of a trusted key is enough. The kind of signature counts: one over text says nothing about a file's line ends. */
async function verify(
  openpgp: Openpgp,
  keys: readonly Key[],
  message: Message<string> | Message<Uint8Array>,
  signature: Signature,
  kind: SignaturePacket['signatureType'],
  date: Date,
): Promise<OpenpgpSigned> {
  const config = settings(openpgp);
  const { signatures } = await openpgp.verify({ message, signature, verificationKeys: [...keys], date, config });
  const refused: string[] = [];
  for (const result of signatures) {
    try {
      return await checkOne(keys, result, kind, date);
    } catch (error) {
      refused.push(`key ${result.keyID.toHex().toUpperCase()}: ${reasonOf(error)}`);
    }
  }
  const why = refused.length === 0 ? 'there is none' : refused.join('; ');
  throw new SyncError('signature', `no signature of a trusted key is valid: ${why}`);
}

async function checkOne(
  keys: readonly Key[],
  result: VerificationResult,
  kind: SignaturePacket['signatureType'],
  date: Date,
): Promise<OpenpgpSigned> {
  const key = keys.find((candidate) => candidate.getKeys(result.keyID).length > 0);
  if (!key) throw new Error('is not trusted');
  await result.verified;
  const [packet] = (await result.signature).packets;
  if (!packet?.created || packet.signatureType !== kind) throw new Error('is another kind of signature');
  // `verified` asks what the key was when it signed; what has become of it counts as well.
  await key.getSigningKey(result.keyID, date);
  return { signedBy: fingerprintOf(key), signedAt: packet.created };
}
