import { createHash, sign, verify } from 'node:crypto';
import { SyncError } from '../sync-error.js';
import { decodeBase64, type MinisignPublicKey, type MinisignSecretKey } from './minisign-key.js';

/** Signed is the BLAKE2b-512 of the file; older signatures, `Ed`, are over the file itself. */
const PREHASHED = 'ED';
const LEGACY = 'Ed';

const UNTRUSTED = 'untrusted comment: ';
const TRUSTED = 'trusted comment: ';
const MAX_LENGTH = 8192;

/** A `.minisig` file that has been read, not verified. */
export interface MinisignSignature {
  readonly keyNumber: Buffer;
  readonly keyId: string;
  readonly prehashed: boolean;
  readonly signature: Buffer;
  readonly trustedComment: string;
  /** Over the signature and the trusted comment. */
  readonly globalSignature: Buffer;
}

/** The text of a `.minisig`: a signature over `bytes`, and over a comment that names the time and the file. */
export function signMinisign(key: MinisignSecretKey, bytes: Uint8Array, fileName: string, at: Date): string {
  if (/[\p{Cc}/]/u.test(fileName))
    throw new SyncError('usage', 'a file name in a signature holds neither slashes nor control characters');
  const signature = sign(null, createHash('blake2b512').update(bytes).digest(), key.key);
  const comment = `timestamp:${Math.floor(at.getTime() / 1000)}\tfile:${fileName}\thashed`;
  const head = Buffer.concat([Buffer.from(PREHASHED), key.public.number, signature]);
  const global = sign(null, Buffer.concat([signature, Buffer.from(comment)]), key.key);
  return [
    `${UNTRUSTED}signature from minisign secret key ${key.public.id}`,
    head.toString('base64'),
    TRUSTED + comment,
    global.toString('base64'),
    '',
  ].join('\n');
}

/** Reads a `.minisig` file: four lines, nothing else. Throws SyncError signature. */
export function parseMinisignSignature(text: string): MinisignSignature {
  const lines = text.length > MAX_LENGTH ? [] : text.split(/\r?\n/);
  const [untrusted = '', first = '', trusted = '', second = '', ...rest] = lines;
  const head = decodeBase64(first);
  const globalSignature = decodeBase64(second);
  const algorithm = head?.toString('latin1', 0, 2);
  if (
    !untrusted.startsWith(UNTRUSTED) ||
    !trusted.startsWith(TRUSTED) ||
    head?.length !== 74 ||
    globalSignature?.length !== 64 ||
    (algorithm !== PREHASHED && algorithm !== LEGACY) ||
    rest.some((line) => line !== '')
  ) {
    throw new SyncError('signature', 'this is no signature of minisign');
  }
  const keyNumber = head.subarray(2, 10);
  return {
    keyNumber,
    keyId: Buffer.from(keyNumber).reverse().toString('hex').toUpperCase(),
    prehashed: algorithm === PREHASHED,
    signature: head.subarray(10),
    trustedComment: trusted.slice(TRUSTED.length),
    globalSignature,
  };
}

/** Whether the key made this signature over these bytes, and its trusted comment. */
export function isSignedBy(key: MinisignPublicKey, bytes: Uint8Array, given: MinisignSignature): boolean {
  if (!given.keyNumber.equals(key.number)) return false;
  const message = given.prehashed ? createHash('blake2b512').update(bytes).digest() : bytes;
  if (!verify(null, message, key.key, given.signature)) return false;
  return verify(
    null,
    Buffer.concat([given.signature, Buffer.from(given.trustedComment)]),
    key.key,
    given.globalSignature,
  );
}
