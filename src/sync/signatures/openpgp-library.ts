import type { Config, Key, PrivateKey } from 'openpgp';

export type Openpgp = typeof import('openpgp');

/** A tenth of a second, for those who sign or verify alone. */
export function loadOpenpgp(): Promise<Openpgp> {
  return import('openpgp');
}

/** A block of armour of these kinds. */
const BLOCK = /^-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----\r?\n[\s\S]*?^-----END PGP \1 KEY BLOCK-----/gm;

/** All public keys of a keyring file: binary, or armoured blocks with whatever stands between them. Throws Error. */
export async function readPublicKeys(openpgp: Openpgp, bytes: Uint8Array): Promise<readonly Key[]> {
  const keys = await readBlocks(bytes, {
    binary: (binaryKeys) => openpgp.readKeys({ binaryKeys }),
    armored: (armoredKeys) => openpgp.readKeys({ armoredKeys }),
  });
  return keys.map((key) => key.toPublic());
}

/** All secret keys of a file. Throws Error. */
export function readSecretKeys(openpgp: Openpgp, bytes: Uint8Array): Promise<readonly PrivateKey[]> {
  return readBlocks(bytes, {
    binary: (binaryKeys) => openpgp.readPrivateKeys({ binaryKeys }),
    armored: (armoredKeys) => openpgp.readPrivateKeys({ armoredKeys }),
  });
}

interface Reader<K> {
  binary(bytes: Uint8Array): Promise<K[]>;
  armored(block: string): Promise<K[]>;
}

async function readBlocks<K>(bytes: Uint8Array, read: Reader<K>): Promise<readonly K[]> {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.slice(8) === 'KBXf') throw new Error('is a keybox of GnuPG; write its keys to a file with: gpg --export');
  // The first byte of a packet has its highest bit set, which no character of armour has.
  if (((bytes[0] ?? 0) & 0x80) !== 0) return read.binary(bytes);
  const blocks = Buffer.from(bytes).toString('latin1').match(BLOCK) ?? [];
  return (await Promise.all(blocks.map((block) => read.armored(`${block}\n`)))).flat();
}

/** Capitals, as tools show it. */
export function fingerprintOf(key: Key): string {
  return key.getFingerprint().toUpperCase();
}

/** What signing and verifying hold to, beyond the library's own refusals (MD5, SHA-1 over messages, DSA, RSA below 2048 bits). */
export function settings(openpgp: Openpgp): Partial<Config> {
  return { preferredHashAlgorithm: openpgp.enums.hash.sha512, showVersion: false, showComment: false };
}

/** The reason alone, of an error that the library wraps in others. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^(?:Error [a-z ]+: |Could not find valid signing key packet in key [0-9a-f]+: )+/, '');
}
