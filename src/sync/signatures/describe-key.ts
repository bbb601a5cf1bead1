import type { Key } from 'openpgp';
import { SyncError } from '../sync-error.js';
import { parseMinisignPublicKey } from './minisign-key.js';
import { isEncrypted, isMinisignSecretKey, parseMinisignSecretKey } from './minisign-secret.js';
import {
  fingerprintOf,
  loadOpenpgp,
  type Openpgp,
  readPublicKeys,
  readSecretKeys,
  reasonOf,
} from './openpgp-library.js';
import { readPublicFile } from './secret-file.js';

/** What may be shown of a key. */
export interface KeyDescription {
  readonly kind: 'openpgp' | 'minisign';
  /** Fingerprint, or minisign's id; undefined where a passphrase hides it. */
  readonly id: string | undefined;
  readonly secret: boolean;
  /** Whether a passphrase locks the secret key. */
  readonly locked: boolean;
  /** User ids of an OpenPGP key. */
  readonly names: readonly string[];
  readonly created?: Date;
  readonly expires?: Date;
  /** Why it does not sign now, or its signatures are not believed. */
  readonly unusable?: string;
  /** Whether it is no key, but what revokes the one of that id. */
  readonly revokes?: boolean;
  /** What `minisign -P` takes. */
  readonly minisignPublicKey?: string;
}

/** Describes the keys of a file, secret ones or public ones, without their secrets. Throws SyncError usage, the file named. */
export async function describeKeys(file: string, date: Date): Promise<readonly KeyDescription[]> {
  const bytes = await readPublicFile(file);
  const text = bytes.toString('latin1');
  if (isMinisignSecretKey(text)) return [await describeMinisignSecret(text)];
  if (text.startsWith('untrusted comment:')) return [describeMinisignPublic(file, text)];
  const openpgp = await loadOpenpgp();
  const revoked = await revokedBy(openpgp, text);
  if (revoked !== undefined) {
    return [{ kind: 'openpgp', id: revoked, secret: false, locked: false, names: [], revokes: true }];
  }
  try {
    const secret = text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----') || isSecretPacket(bytes);
    const keys = secret ? await readSecretKeys(openpgp, bytes) : await readPublicKeys(openpgp, bytes);
    if (keys.length > 0) return await Promise.all(keys.map((key) => describeOpenpgp(key, date)));
  } catch (error) {
    throw new SyncError('usage', `${file}: is no key file: ${reasonOf(error)}`, { cause: error });
  }
  throw new SyncError('usage', `${file}: is no key file`);
}

/** Fingerprint of the key that a revocation certificate is for: armour of a public key around nothing but a signature. */
async function revokedBy(openpgp: Openpgp, text: string): Promise<string | undefined> {
  if (!text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return undefined;
  try {
    const { data: binarySignature } = await openpgp.unarmor(text);
    const { packets } = await openpgp.readSignature({ binarySignature });
    const [packet] = packets;
    if (packets.length !== 1 || packet?.signatureType !== openpgp.enums.signature.keyRevocation) return undefined;
    const id = packet.issuerFingerprint ?? undefined;
    return id === undefined ? packet.issuerKeyID.toHex().toUpperCase() : Buffer.from(id).toString('hex').toUpperCase();
  } catch {
    return undefined;
  }
}

async function describeOpenpgp(key: Key, date: Date): Promise<KeyDescription> {
  const expiry = await key.getExpirationTime();
  const unusable = await key.getSigningKey(undefined, date).then(() => undefined, reasonOf);
  return {
    kind: 'openpgp',
    id: fingerprintOf(key),
    secret: key.isPrivate(),
    locked: key.isPrivate() && !key.isDecrypted(),
    names: key.getUserIDs(),
    created: key.getCreationTime(),
    ...(expiry instanceof Date ? { expires: expiry } : {}),
    ...(unusable === undefined ? {} : { unusable }),
  };
}

async function describeMinisignSecret(text: string): Promise<KeyDescription> {
  const shown = { kind: 'minisign', secret: true, names: [] } as const;
  if (isEncrypted(text)) return { ...shown, id: undefined, locked: true };
  const key = await parseMinisignSecretKey(text, undefined);
  return { ...shown, id: key.public.id, locked: false };
}

function describeMinisignPublic(file: string, text: string): KeyDescription {
  try {
    const { id } = parseMinisignPublicKey(text);
    const [, line = ''] = text.split(/\r?\n/);
    return { kind: 'minisign', id, secret: false, locked: false, names: [], minisignPublicKey: line };
  } catch (error) {
    throw new SyncError('usage', `${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Tag 5, in the old or the new form of packet headers (RFC 4880 section 4.2). */
function isSecretPacket(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  return first >> 2 === 0b100101 || first === 0b11000101;
}
