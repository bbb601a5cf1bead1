import { parseArgs } from 'node:util';
import { StartupError } from '../process/startup-error.js';
import { describeKeys, type KeyDescription } from '../sync/signatures/describe-key.js';
import { generateKeys } from '../sync/signatures/generate-keys.js';
import { isSyncError } from '../sync/sync-error.js';

const USAGE = 'usage: glimpse publish keys generate --kind openpgp|minisign --dir DIR [options] | show FILE...';

const HELP = `Usage: glimpse publish keys generate --kind openpgp|minisign --dir DIR
                                     [--name NAME] [--expires DAYS] [--passphrase-file FILE]
       glimpse publish keys show FILE...

generate   Make a key pair that signs a repository, in new files of DIR.
show       Print what may be known of keys, secret or public: ids, names, expiry.

Options:
  --kind openpgp|minisign
        openpgp: DIR/openpgp-<fingerprint>.sec.asc, .pub.asc, and .rev.asc, which revokes the key.
        minisign: DIR/minisign-<id>.key and .pub.
  --dir DIR
        Made, within a folder that is there. Files in it are never overwritten.
  --name NAME
        Whose OpenPGP key it is: "Name" or "Name <address>". Default: Image repository
  --expires DAYS
        When the OpenPGP key expires. Default: never
  --passphrase-file FILE
        Its first line locks the secret key. The file must be readable by its owner alone.
  -h, --help
        Show this help.
`;

/** `glimpse publish keys generate|show`. Writes to stdout and resolves with the exit code. Throws StartupError. */
export async function publishKeys(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv;
  if (action === '--help' || action === '-h' || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    if (action === 'generate') return await generate(rest);
    if (action === 'show') return await show(rest);
  } catch (error) {
    if (isSyncError(error, 'usage')) throw new StartupError(error.message, 2, { cause: error });
    throw error;
  }
  throw new StartupError(USAGE, 2);
}

async function generate(args: readonly string[]): Promise<number> {
  const values = parse(args);
  const { kind, dir, name, expires, 'passphrase-file': passphraseFile } = values;
  if (kind !== 'openpgp' && kind !== 'minisign') throw new StartupError('--kind must be openpgp or minisign', 2);
  if (dir === undefined) throw new StartupError('--dir is missing: the folder that the key files go to', 2);
  if (expires !== undefined && !/^\d{1,6}$/.test(expires))
    throw new StartupError('--expires must be a number of days', 2);
  const key = await generateKeys({
    kind,
    dir,
    ...(name === undefined ? {} : { name }),
    ...(expires === undefined ? {} : { expiresDays: Number(expires) }),
    ...(passphraseFile === undefined ? {} : { passphraseFile }),
  });
  const lines = [
    `secret key   ${key.secretFile}`,
    `public key   ${key.publicFile}`,
    ...(key.revocationFile === undefined ? [] : [`revocation   ${key.revocationFile} (keep it elsewhere)`]),
    kind === 'openpgp' ? `fingerprint  ${key.id}` : `id           ${key.id}`,
    ...(kind === 'openpgp' ? [`expires      ${dayOf(key.expires)}`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function show(files: readonly string[]): Promise<number> {
  const wrong = files.find((file) => file.startsWith('-'));
  if (files.length === 0 || wrong !== undefined) throw new StartupError(USAGE, 2);
  for (const file of files) {
    const keys = await describeKeys(file, new Date());
    for (const key of keys) process.stdout.write(`${file}\n${linesOf(key).join('\n')}\n`);
  }
  return 0;
}

function linesOf(key: KeyDescription): readonly string[] {
  const { kind, id, secret, locked, names, created, expires, unusable, revokes, minisignPublicKey } = key;
  if (revokes) return [`  kind         ${kind}, revocation: keep it elsewhere`, `  revokes      ${id}`];
  const half = secret ? `secret key${locked ? ', locked by a passphrase' : ''}` : 'public key';
  return [
    `  kind         ${kind}, ${half}`,
    kind === 'openpgp' ? `  fingerprint  ${id}` : `  id           ${id ?? 'hidden by the passphrase'}`,
    ...names.map((name) => `  name         ${name.replace(/\p{Cc}/gu, '?')}`),
    ...(created ? [`  created      ${dayOf(created)}`, `  expires      ${dayOf(expires)}`] : []),
    ...(minisignPublicKey === undefined ? [] : [`  minisign -P  ${minisignPublicKey}`]),
    ...(unusable === undefined ? [] : [`  unusable     ${unusable}`]),
  ];
}

function dayOf(date: Date | undefined): string {
  return date === undefined ? 'never' : date.toISOString().slice(0, 10);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { kind: text, dir: text, name: text, expires: text, 'passphrase-file': text };
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), 2);
  }
}
