import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { SyncError } from '../sync-error.js';

/** A public key of minisign. */
export interface MinisignPublicKey {
  /** 16 hex digits in capitals, as minisign shows it. */
  readonly id: string;
  /** The 8 bytes of the id as they stand in keys and signatures. */
  readonly number: Buffer;
  readonly key: KeyObject;
  /** The 32 bytes of the key. */
  readonly bytes: Buffer;
}

export interface MinisignSecretKey {
  readonly public: MinisignPublicKey;
  readonly key: KeyObject;
  /** The 32 bytes that the key is made of. */
  readonly seed: Buffer;
}

const ALGORITHM = Buffer.from('Ed');

/** A new key pair. */
export function newMinisignKey(): MinisignSecretKey {
  const { d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return secretKeyOf(Buffer.from(d ?? '', 'base64url'), randomBytes(8));
}

/** The key pair that a seed and a key number make. */
export function secretKeyOf(seed: Buffer, number: Buffer): MinisignSecretKey {
  const x = Buffer.alloc(32).toString('base64url');
  // The public half that goes in is not looked at, and not there yet.
  const key = createPrivateKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x },
  });
  const { x: derived = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { public: publicKeyOf(Buffer.from(derived, 'base64url'), number), key, seed };
}

function publicKeyOf(bytes: Buffer, number: Buffer): MinisignPublicKey {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') } });
  return { id: Buffer.from(number).reverse().toString('hex').toUpperCase(), number, key, bytes };
}

/**
 * Reads a public key: the text of a `.pub` file, or its base64 alone, as `minisign -P` takes it. Throws SyncError usage.
 */
export function parseMinisignPublicKey(text: string): MinisignPublicKey {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('untrusted comment:'));
  const [line = ''] = lines;
  const bytes = decodeBase64(line.trim());
  if (lines.length !== 1 || bytes?.length !== 42 || !bytes.subarray(0, 2).equals(ALGORITHM)) {
    throw new SyncError('usage', 'this is no public key of minisign');
  }
  return publicKeyOf(bytes.subarray(10), bytes.subarray(2, 10));
}

/** The text of a `.pub` file. */
export function writeMinisignPublicKey(key: MinisignPublicKey): string {
  const bytes = Buffer.concat([ALGORITHM, key.number, key.bytes]);
  return `untrusted comment: minisign public key ${key.id}\n${bytes.toString('base64')}\n`;
}

/** The bytes that a base64 text stands for; undefined unless it is the one way to write them. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
