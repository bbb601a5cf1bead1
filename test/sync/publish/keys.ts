import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signing } from '../../../src/sync/publish/signing.js';
import { generateKeys } from '../../../src/sync/signatures/generate-keys.js';
import { openSigner } from '../../../src/sync/signatures/signing-keys.js';
import { openTrust } from '../../../src/sync/signatures/trust.js';

export interface TestKeys extends Signing {
  /** As `gpgv --keyring` wants it. */
  readonly keyring: string;
  /** Base64 texts of the minisign public keys. */
  readonly minisign: readonly string[];
}

/** Makes this many keys of each kind in a folder, and what signs with them. */
export async function makeKeys(folder: string, count = 1): Promise<TestKeys> {
  await mkdir(folder, { recursive: true });
  const files = { openpgp: [] as string[], minisign: [] as string[] };
  for (const kind of ['openpgp', 'minisign'] as const) {
    for (let made = 0; made < count; made++) files[kind].push((await generateKeys({ kind, dir: folder })).secretFile);
  }
  const signer = await openSigner({ openpgpKeyFiles: files.openpgp, minisignKeyFiles: files.minisign });
  const keyring = join(folder, 'keyring.gpg');
  await writeFile(keyring, signer.publicKeys.openpgpKeyring ?? new Uint8Array());
  const minisign = signer.publicKeys.minisign.map((text) => text.trim().split('\n').at(-1) ?? '');
  return { signer, trust: await openTrust({ keyringFiles: [keyring], minisignKeys: minisign }), keyring, minisign };
}
