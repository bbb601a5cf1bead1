import type { PrivateKey } from 'openpgp';
import { canBeClearsigned, writeClearsigned } from '../formats/clearsigned.js';
import { SyncError } from '../sync-error.js';
import { fingerprintOf, loadOpenpgp, type Openpgp, readSecretKeys, reasonOf, settings } from './openpgp-library.js';
import { readSecretFile } from './secret-file.js';

/** OpenPGP's half of a Signer. */
export interface OpenpgpSigning {
  clearsign(text: string): Promise<string>;
  detached(bytes: Uint8Array): Promise<Uint8Array>;
  /** All public keys in one armoured block. */
  readonly armored: string;
  /** The same keys as gpgv reads them. */
  readonly keyring: Uint8Array;
  readonly fingerprints: readonly string[];
}

/** Reads and opens secret keys: armoured or binary files, as `gpg --export-secret-keys` writes them. Throws SyncError usage, the file named. */
export async function openOpenpgpSigning(
  files: readonly string[],
  passphrases: readonly string[],
  now: () => Date,
): Promise<OpenpgpSigning> {
  const openpgp = await loadOpenpgp();
  const config = settings(openpgp);
  const keys = (await Promise.all(files.map((file) => readKeys(openpgp, file, passphrases, now())))).flat();
  const keyring = Buffer.concat(keys.map((key) => key.toPublic().write()));
  return {
    async clearsign(text) {
      if (!canBeClearsigned(text)) {
        throw new SyncError(
          'invalid',
          'a text that ends without a newline, or has white space at line ends, cannot be clearsigned',
        );
      }
      // The last line's end belongs to the frame, not to what is signed.
      const message = await openpgp.createMessage({ text: text.slice(0, -1) });
      const format = 'object';
      const signature = await openpgp.sign({ message, signingKeys: keys, detached: true, format, date: now(), config });
      const hashes = signature.packets.map((packet) => nameOf(openpgp, packet));
      return writeClearsigned(text, [...new Set(hashes)], signature.armor().replaceAll('\r', ''));
    },
    async detached(bytes) {
      const message = await openpgp.createMessage({ binary: bytes });
      return openpgp.sign({ message, signingKeys: keys, detached: true, format: 'binary', date: now(), config });
    },
    armored: armorOf(openpgp, keyring),
    keyring,
    fingerprints: keys.map(fingerprintOf),
  };
}

/** With the checksum that newer standards do without: GnuPG up to 2.4 cannot read armour without it whose base64 ends in no `=`. */
function armorOf({ armor, enums }: Openpgp, keyring: Uint8Array): string {
  return armor(enums.armor.publicKey, keyring, undefined, undefined, undefined, true).replaceAll('\r', '');
}

async function readKeys(
  openpgp: Openpgp,
  file: string,
  passphrases: readonly string[],
  date: Date,
): Promise<readonly PrivateKey[]> {
  const keys = await readSecretKeys(openpgp, await readSecretFile(file)).catch((error: unknown) => {
    throw new SyncError('usage', `${file}: is no OpenPGP secret key: ${reasonOf(error)}`, { cause: error });
  });
  if (keys.length === 0) throw new SyncError('usage', `${file}: holds no OpenPGP secret key`);
  return Promise.all(
    keys.map(async (locked) => {
      const key = await unlock(openpgp, file, locked, passphrases);
      await key.getSigningKey(undefined, date).catch((error: unknown) => {
        const why = `the key ${fingerprintOf(key)} cannot sign: ${reasonOf(error)}`;
        throw new SyncError('usage', `${file}: ${why}`, { cause: error });
      });
      return key;
    }),
  );
}

async function unlock(
  openpgp: Openpgp,
  file: string,
  key: PrivateKey,
  passphrases: readonly string[],
): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  if (passphrases.length === 0) throw new SyncError('usage', `${file}: the key needs a passphrase, and there is none`);
  try {
    return await openpgp.decryptKey({ privateKey: key, passphrase: [...passphrases] });
  } catch (error) {
    throw new SyncError('usage', `${file}: cannot be opened: ${reasonOf(error)}`, { cause: error });
  }
}

function nameOf(openpgp: Openpgp, packet: unknown): string {
  const algorithm = packet instanceof openpgp.SignaturePacket ? packet.hashAlgorithm : undefined;
  const [name = ''] = Object.entries(openpgp.enums.hash).find(([, value]) => value === algorithm) ?? [];
  return name.toUpperCase();
}
