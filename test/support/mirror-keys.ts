import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeys } from '../../src/sync/signatures/generate-keys.js';
import { openSigner, type Signer } from '../../src/sync/signatures/signing-keys.js';
import { openTrust, type Trust } from '../../src/sync/signatures/trust.js';

/** One publisher's keys of a kind, and a mirror that trusts them. */
export interface KeyRing {
  readonly signer: Signer;
  readonly trust: Trust;
  /** The file of the public key. */
  readonly publicFile: string;
}

/** Makes a new key of a kind in a folder of the test process. */
export async function newKeyRing(kind: 'openpgp' | 'minisign'): Promise<KeyRing> {
  const dir = mkdtempSync(join(tmpdir(), 'glimpse-keys-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const { secretFile, publicFile } = await generateKeys({
    kind,
    dir,
    ...(kind === 'openpgp' ? { name: 'A test' } : {}),
  });
  const openpgp = kind === 'openpgp';
  return {
    signer: await openSigner({
      openpgpKeyFiles: openpgp ? [secretFile] : [],
      minisignKeyFiles: openpgp ? [] : [secretFile],
    }),
    trust: await openTrust({ keyringFiles: openpgp ? [publicFile] : [], minisignKeys: openpgp ? [] : [publicFile] }),
    publicFile,
  };
}
