import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/load.js';
import { StartupError } from '../process/startup-error.js';
import type { Signing } from '../sync/publish/signing.js';
import { openSigner } from '../sync/signatures/signing-keys.js';
import { openTrust } from '../sync/signatures/trust.js';
import { isSyncError } from '../sync/sync-error.js';

/** The keys that sign the repository, and what verifies their signatures; undefined where none are configured. Throws StartupError naming the file. */
export async function openSigning({ values: { publish } }: Config): Promise<Signing | undefined> {
  const { openpgp_keys: openpgp, minisign_keys: minisign, openpgp_passphrase_file: passphraseFile } = publish;
  if (openpgp.length + minisign.length === 0) return undefined;
  const signer = await signerOf({
    openpgpKeyFiles: openpgp,
    minisignKeyFiles: minisign,
    ...(passphraseFile === null ? {} : { passphraseFile }),
  });
  const { openpgpKeyring, minisign: keys } = signer.publicKeys;
  const minisignKeys = keys.map((text) => text.trim().split('\n').at(-1)?.trim() ?? '');
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-keys-'));
  try {
    const keyring = join(folder, 'keyring.gpg');
    if (openpgpKeyring !== undefined) await writeFile(keyring, openpgpKeyring);
    const trust = await openTrust({ keyringFiles: openpgpKeyring === undefined ? [] : [keyring], minisignKeys });
    return { signer, trust };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A key that cannot be used is a mistake of the configuration. */
async function signerOf(options: Parameters<typeof openSigner>[0]): ReturnType<typeof openSigner> {
  try {
    return await openSigner(options);
  } catch (error) {
    if (isSyncError(error, 'usage')) throw new StartupError(`[publish] keys: ${error.message}`, 4, { cause: error });
    throw error;
  }
}
