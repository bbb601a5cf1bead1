import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { SyncError } from '../sync-error.js';
import { blake2b } from './blake2b.js';
import { decodeBase64, type MinisignSecretKey, secretKeyOf } from './minisign-key.js';

/** Layout of the file: algorithm, key derivation, checksum, salt, cost (operations, memory), then what a passphrase hides. */
const PLAIN_BYTES = 54;
const HIDDEN_BYTES = 104;

const COMMENT = 'untrusted comment: ';
const SIGNS = Buffer.from('Ed');
const CHECKED = Buffer.from('B2');
const SCRYPT = Buffer.from('Sc');
const NO_KDF = Buffer.alloc(2);

/** What minisign itself asks for at most: 1 GiB. */
const MAX_COST = { operations: 2 ** 25, memory: 2 ** 30 };

/** Of our own files: N = 2^16, r = 8, p = 2, which takes 64 MiB: no cheaper to guess for than 128 MiB once. */
const OUR_COST = { operations: 2 ** 22, memory: 2 ** 26 };

/** Whether the text looks like a secret key of minisign at all. */
export function isMinisignSecretKey(text: string): boolean {
  return split(text) !== undefined;
}

/** Whether a passphrase is needed to use the key. */
export function isEncrypted(text: string): boolean {
  return split(text)?.subarray(2, 4).equals(SCRYPT) === true;
}

/** Reads a secret key in minisign's own format. Throws SyncError usage; the message holds nothing of the key. */
export async function parseMinisignSecretKey(text: string, passphrase: string | undefined): Promise<MinisignSecretKey> {
  const bytes = split(text);
  if (bytes === undefined) throw new SyncError('usage', 'this is no secret key of minisign');
  const encrypted = isEncrypted(text);
  if (encrypted && passphrase === undefined)
    throw new SyncError('usage', 'the key needs a passphrase, and there is none');
  const hidden = Buffer.from(bytes.subarray(PLAIN_BYTES));
  if (encrypted) {
    const cost = { operations: Number(bytes.readBigUInt64LE(38)), memory: Number(bytes.readBigUInt64LE(46)) };
    xor(hidden, await derive(passphrase ?? '', bytes.subarray(6, 38), cost));
  }
  const [number, seed, half, checksum] = [
    hidden.subarray(0, 8),
    hidden.subarray(8, 40),
    hidden.subarray(40, 72),
    hidden.subarray(72),
  ];
  const key = secretKeyOf(seed, number);
  // minisign leaves the checksum out where there is no passphrase to be wrong.
  const checked = checksum.equals(checksumOf(hidden)) || (!encrypted && checksum.every((byte) => byte === 0));
  if (!checked || !timingSafeEqual(key.public.bytes, half)) {
    throw new SyncError('usage', encrypted ? 'the passphrase is wrong' : 'the key is damaged');
  }
  return key;
}

/** The text of a secret key file, as minisign reads it. */
export async function writeMinisignSecretKey(key: MinisignSecretKey, passphrase: string | undefined): Promise<string> {
  const hidden = Buffer.concat([key.public.number, key.seed, key.public.bytes, Buffer.alloc(32)]);
  const costs = Buffer.alloc(16);
  const salt = passphrase === undefined ? Buffer.alloc(32) : randomBytes(32);
  if (passphrase !== undefined) {
    hidden.set(checksumOf(hidden), 72);
    costs.writeBigUInt64LE(BigInt(OUR_COST.operations), 0);
    costs.writeBigUInt64LE(BigInt(OUR_COST.memory), 8);
    xor(hidden, await derive(passphrase, salt, OUR_COST));
  }
  const kdf = passphrase === undefined ? NO_KDF : SCRYPT;
  const bytes = Buffer.concat([SIGNS, kdf, CHECKED, salt, costs, hidden]);
  return `${COMMENT}minisign encrypted secret key\n${bytes.toString('base64')}\n`;
}

function split(text: string): Buffer | undefined {
  const [comment = '', line = '', ...rest] = text.split(/\r?\n/);
  const bytes = decodeBase64(line);
  if (!comment.startsWith(COMMENT) || bytes?.length !== PLAIN_BYTES + HIDDEN_BYTES) return undefined;
  const [signs, kdf, checked] = [bytes.subarray(0, 2), bytes.subarray(2, 4), bytes.subarray(4, 6)];
  const known = signs.equals(SIGNS) && checked.equals(CHECKED) && (kdf.equals(SCRYPT) || kdf.equals(NO_KDF));
  return known && rest.every((other) => other === '') ? bytes : undefined;
}

function checksumOf(hidden: Buffer): Buffer {
  return blake2b(Buffer.concat([SIGNS, hidden.subarray(0, 72)]), 32);
}

function xor(bytes: Buffer, pad: Buffer): void {
  for (let index = 0; index < bytes.length; index++) bytes[index] = (bytes[index] ?? 0) ^ (pad[index] ?? 0);
}

interface Cost {
  readonly operations: number;
  /** Bytes. */
  readonly memory: number;
}

/** scrypt with the parameters that libsodium makes of a cost. */
function derive(passphrase: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (cost.operations > MAX_COST.operations || cost.memory > MAX_COST.memory) {
    throw new SyncError('usage', 'the key asks for more work to open it than minisign ever does');
  }
  const r = 8;
  const operations = Math.max(cost.operations, 32_768);
  const memoryBound = operations >= cost.memory / 32;
  const most = memoryBound ? cost.memory / (r * 128) : operations / (r * 4);
  const N = 2 ** Math.max(1, Math.floor(Math.log2(Math.max(most, 2))));
  const p = memoryBound ? Math.max(1, Math.floor(operations / 4 / N / r)) : 1;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, HIDDEN_BYTES, { N, r, p, maxmem: 128 * r * (N + p + 2) * 2 }, (error, key) => {
      if (error) reject(new SyncError('usage', `the key cannot be opened: ${error.message}`, { cause: error }));
      else resolve(key);
    });
  });
}
