import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { generateKeys } from '../../../src/sync/signatures/generate-keys.js';
import { openSigner, type Signer } from '../../../src/sync/signatures/signing-keys.js';
import { openTrust } from '../../../src/sync/signatures/trust.js';
import { isSyncError } from '../../../src/sync/sync-error.js';
import { folder, gnupg, has, run } from './tools.js';

const withGpg = has('gpg') && has('gpgv') ? test : test.skip;
const skipped = has('gpg') && has('gpgv') ? '' : ' (skipped: gpg or gpgv is not installed)';

/** All that armour and dashes could stumble over. */
const TEXT = [
  '0123  images/ä.properties',
  '- a dash',
  '-----BEGIN PGP SIGNATURE-----',
  '-----END PGP SIGNED MESSAGE-----',
  '',
  '\tFrom here = there: #\u2028',
  '',
  '',
].join('\n');

function save(dir: string, name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, content, { mode });
  return path;
}

function openpgpSigner(...files: string[]): Promise<Signer> {
  return openSigner({ openpgpKeyFiles: files, minisignKeyFiles: [] });
}

withGpg(`a key of ours: gpgv and gpg read what it signs, byte for byte${skipped}`, async (t) => {
  const dir = folder(t);
  const passphraseFile = save(dir, 'passphrase', 'correct horse\n');
  const options = { kind: 'openpgp', dir, name: 'Exämple Images <images@example.org>', expiresDays: 30 } as const;
  const key = await generateKeys({ ...options, passphraseFile });
  const signer = await openSigner({ openpgpKeyFiles: [key.secretFile], minisignKeyFiles: [], passphraseFile });
  t.deepEqual(signer.can, { openpgp: true, minisign: false });
  t.deepEqual(signer.publicKeys.fingerprints, [key.id]);

  const keyring = save(dir, 'keyring.gpg', signer.publicKeys.openpgpKeyring ?? '');
  const file = save(dir, 'SHA256SUMS', TEXT);
  const detached = save(dir, 'SHA256SUMS.gpg', await signer.detached(Buffer.from(TEXT)));
  const clear = save(dir, 'SHA256SUMS.asc', await signer.clearsign(TEXT));
  t.regex(readFileSync(clear, 'latin1'), /^-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n/);
  const one = run('gpgv', ['--keyring', keyring, detached, file]);
  t.is(one.status, 0, one.text);
  t.regex(one.text, /Good signature from "Exämple Images <images@example\.org>"/);
  const output = join(dir, 'output');
  const two = run('gpgv', ['--keyring', keyring, '--output', output, clear]);
  t.is(two.status, 0, two.text);
  t.is(readFileSync(output, 'utf8'), TEXT);

  const { gpg, env } = gnupg(t);
  gpg(['--import'], signer.publicKeys.openpgp);
  const three = run('gpg', ['--verify', detached, file], { env });
  t.is(three.status, 0, three.text);
  t.regex(
    run('gpg', ['--list-keys'], { env }).text,
    new RegExp(`ed25519 .*\\[SC\\] \\[expires: ${key.expires?.toISOString().slice(0, 10)}`),
  );
});

for (const algorithm of ['ed25519', 'rsa3072', 'nistp384']) {
  withGpg(`a key of gpg, ${algorithm}: we read what it signs, and sign with it${skipped}`, async (t) => {
    const dir = folder(t);
    const { gpg, newKey, publicKey, secretKey } = gnupg(t);
    newKey('theirs', algorithm);
    const keyring = save(dir, 'keyring', publicKey('theirs'));
    const armored = save(dir, 'keyring.asc', gpg(['--armor', '--export']));
    const clear = gpg(['--clearsign', '--digest-algo', 'SHA512'], TEXT).toString('utf8');
    for (const file of [keyring, armored]) {
      const trust = await openTrust({ keyringFiles: [file], minisignKeys: [] });
      const { text, signedBy } = await trust.verifyClearsigned(clear);
      t.is(text, TEXT);
      t.regex(signedBy, /^[0-9A-F]{40}$/);
      t.is((await trust.verifyDetached(Buffer.from(TEXT), gpg(['--detach-sign'], TEXT))).signedBy, signedBy);
      t.is((await trust.verifyDetached(Buffer.from(TEXT), gpg(['--armor', '--detach-sign'], TEXT))).signedBy, signedBy);
    }

    const signer = await openpgpSigner(save(dir, 'secret', secretKey('theirs')));
    const binary = await openpgpSigner(save(dir, 'secret.bin', gpg(['--export-secret-keys'])));
    for (const each of [signer, binary]) {
      const signed = save(dir, 'signed.asc', await each.clearsign(TEXT));
      t.is(run('gpgv', ['--keyring', keyring, signed]).status, 0);
      const file = save(dir, 'file', TEXT);
      const detached = save(dir, 'file.gpg', await each.detached(Buffer.from(TEXT)));
      t.is(run('gpgv', ['--keyring', keyring, detached, file]).status, 0);
    }
  });
}

withGpg(`a key whose subkey signs, and whose main part is elsewhere${skipped}`, async (t) => {
  const dir = folder(t);
  const { gpg, publicKey } = gnupg(t);
  gpg(['--quick-gen-key', 'main', 'ed25519', 'cert', 'never']);
  const [, fingerprint = ''] = /^fpr:+([0-9A-F]+):/m.exec(gpg(['--list-keys', '--with-colons']).toString()) ?? [];
  gpg(['--quick-add-key', fingerprint, 'ed25519', 'sign', '1y']);
  const file = save(dir, 'sub', gpg(['--armor', '--export-secret-subkeys']));
  const signer = await openpgpSigner(file);
  const trust = await openTrust({ keyringFiles: [save(dir, 'keyring', publicKey('main'))], minisignKeys: [] });
  t.is((await trust.verifyClearsigned(await signer.clearsign(TEXT))).signedBy, fingerprint);
  const now = (): Date => new Date(Date.now() + 400 * 86_400_000);
  const later = await openTrust({ keyringFiles: [join(dir, 'keyring')], minisignKeys: [], now });
  await t.throwsAsync(later.verifyClearsigned(await signer.clearsign(TEXT)), { message: /expired/ });
});

test('rotation: keys sign side by side, and readers need to trust one of them', async (t) => {
  const dir = folder(t);
  const [old, young, other] = await Promise.all([1, 2, 3].map(() => generateKeys({ kind: 'openpgp', dir })));
  if (!old || !young || !other) throw new Error('three keys');
  const signer = await openpgpSigner(old.secretFile, young.secretFile);
  t.deepEqual(signer.publicKeys.fingerprints, [old.id, young.id]);
  const [clear, detached] = [await signer.clearsign(TEXT), await signer.detached(Buffer.from(TEXT))];
  const armored = save(dir, 'pubkey.asc', signer.publicKeys.openpgp ?? '');
  for (const [files, id] of [
    [[old.publicFile], old.id],
    [[young.publicFile], young.id],
    [[other.publicFile, young.publicFile], young.id],
    [[armored], old.id],
  ] as const) {
    const trust = await openTrust({ keyringFiles: files, minisignKeys: [] });
    t.deepEqual(trust.kinds, { openpgp: true, minisign: false });
    t.is((await trust.verifyClearsigned(clear)).signedBy, id);
    t.is((await trust.verifyDetached(Buffer.from(TEXT), detached)).signedBy, id);
  }
  const stranger = await openTrust({ keyringFiles: [other.publicFile], minisignKeys: [] });
  const error = await t.throwsAsync(stranger.verifyClearsigned(clear));
  const ids = [old, young].map(({ id }) => `key ${id.slice(24)}: .*`);
  t.regex(error?.message ?? '', new RegExp(`^no signature of a trusted key is valid: ${ids.join('; ')}$`));
  t.true(isSyncError(error, 'signature'));
  await t.throwsAsync(stranger.verifyDetached(Buffer.from(TEXT), detached), {
    message: /^no signature of a trusted key/,
  });

  if (skipped === '') {
    const keyring = save(dir, 'both.gpg', signer.publicKeys.openpgpKeyring ?? '');
    const files = [save(dir, 'f.gpg', detached), save(dir, 'f', TEXT)];
    t.is(run('gpgv', ['--keyring', keyring, ...files]).status, 0);
    t.is(run('gpgv', ['--keyring', keyring, save(dir, 'f.asc', clear)]).status, 0);
  }
});

test('keys that expire: they sign no more, and what they signed is believed no more', async (t) => {
  const dir = folder(t);
  const made = new Date('2026-01-01T00:00:00Z');
  const key = await generateKeys({ kind: 'openpgp', dir, expiresDays: 10, now: () => made });
  t.deepEqual(key.expires, new Date('2026-01-11T00:00:00Z'));
  const at = (day: number) => (): Date => new Date(Date.UTC(2026, 0, day, 12));
  const options = { openpgpKeyFiles: [key.secretFile], minisignKeyFiles: [] };
  const signer = await openSigner({ ...options, now: at(5) });
  const clear = await signer.clearsign(TEXT);
  const verify = async (day: number): Promise<Date> => {
    const trust = await openTrust({ keyringFiles: [key.publicFile], minisignKeys: [], now: at(day) });
    return (await trust.verifyClearsigned(clear)).signedAt;
  };
  t.deepEqual(await verify(10), at(5)());
  await t.throwsAsync(verify(12), { message: /^no signature .*: Primary key is expired$/ });
  await t.throwsAsync(verify(4), { message: /Signature creation time is in the future$/ });
  const late = await t.throwsAsync(openSigner({ ...options, now: at(12) }));
  t.is(late?.message, `${key.secretFile}: the key ${key.id} cannot sign: Primary key is expired`);
  t.true(isSyncError(late, 'usage'));

  let day = 10;
  const longLived = await openSigner({ ...options, now: () => at(day)() });
  day = 12;
  await t.throwsAsync(longLived.detached(Buffer.from(TEXT)), { message: /expired/ });
});

withGpg(`keys that are revoked, in whichever keyring it stands${skipped}`, async (t) => {
  const dir = folder(t);
  const key = await generateKeys({ kind: 'openpgp', dir });
  const signer = await openpgpSigner(key.secretFile);
  const clear = await signer.clearsign(TEXT);
  const { gpg } = gnupg(t);
  gpg(['--import', key.publicFile]);
  gpg(['--import', key.revocationFile ?? '']);
  const revoked = save(dir, 'revoked.gpg', gpg(['--export']));
  for (const keyringFiles of [[revoked], [key.publicFile, revoked], [revoked, key.publicFile]]) {
    const trust = await openTrust({ keyringFiles, minisignKeys: [] });
    await t.throwsAsync(trust.verifyClearsigned(clear), { message: /Primary key is revoked$/ });
    await t.throwsAsync(trust.verifyDetached(Buffer.from(TEXT), await signer.detached(Buffer.from(TEXT))), {
      message: /Primary key is revoked$/,
    });
  }
  const trust = await openTrust({ keyringFiles: [key.publicFile], minisignKeys: [] });
  t.is((await trust.verifyClearsigned(clear)).text, TEXT);
});

withGpg(`weak digests, weak keys and signatures that have expired${skipped}`, async (t) => {
  const dir = folder(t);
  const { gpg, newKey, publicKey } = gnupg(t);
  newKey('strong', 'rsa2048');
  newKey('short', 'rsa1024');
  newKey('old', 'dsa2048');
  const strong = ['--default-key', 'strong'];
  const cases: [string, string[], RegExp][] = [
    ['strong', [...strong, '--digest-algo', 'SHA1'], /Insecure message hash algorithm: SHA1$/],
    ['short', ['--default-key', 'short', '--digest-algo', 'SHA512'], /too weak/],
    ['old', ['--default-key', 'old', '--digest-algo', 'SHA256'], /too weak/],
    ['strong', [...strong, '--faked-system-time', '20370101T000000!', '--ignore-time-conflict'], /in the future$/],
  ];
  for (const [name, options, message] of cases) {
    const trust = await openTrust({ keyringFiles: [save(dir, 'k', publicKey(name))], minisignKeys: [] });
    await t.throwsAsync(trust.verifyClearsigned(gpg([...options, '--clearsign'], TEXT).toString()), { message });
    await t.throwsAsync(trust.verifyDetached(Buffer.from(TEXT), gpg([...options, '--detach-sign'], TEXT)), { message });
  }
  const clear = gpg([...strong, '--default-sig-expire', '1d', '--clearsign'], TEXT).toString();
  const verify = async (days: number): Promise<string> => {
    const now = (): Date => new Date(Date.now() + days * 86_400_000);
    const trust = await openTrust({ keyringFiles: [save(dir, 'k', publicKey('strong'))], minisignKeys: [], now });
    return (await trust.verifyClearsigned(clear)).text;
  };
  t.is(await verify(0), TEXT);
  await t.throwsAsync(verify(2), { message: /Signature is expired$/ });
});

withGpg(`a signature of one kind is none of the other${skipped}`, async (t) => {
  const dir = folder(t);
  const { gpg, newKey, publicKey } = gnupg(t);
  newKey('theirs');
  const trust = await openTrust({ keyringFiles: [save(dir, 'k', publicKey('theirs'))], minisignKeys: [] });
  const text = 'a\nb\n';
  const textual = gpg(['--detach-sign', '--textmode'], text);
  await t.throwsAsync(trust.verifyDetached(Buffer.from(text), textual), { message: /is another kind of signature$/ });
  const wrap = (signed: string): string =>
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}${gpg(['--armor', '--detach-sign'], signed)}`;
  await t.throwsAsync(trust.verifyClearsigned(wrap('a\nb')), { message: /is another kind of signature$/ });
  await t.throwsAsync(trust.verifyClearsigned(wrap('a\r\nb')), { message: /^no signature of a trusted key/ });
  t.is((await trust.verifyClearsigned(gpg(['--clearsign'], text).toString())).text, text);
});

test('attacks on clearsigned texts', async (t) => {
  const dir = folder(t);
  const key = await generateKeys({ kind: 'openpgp', dir });
  const signer = await openpgpSigner(key.secretFile);
  const trust = await openTrust({ keyringFiles: [key.publicFile], minisignKeys: [] });
  const good = await signer.clearsign('one\ntwo\n');
  t.is((await trust.verifyClearsigned(good)).text, 'one\ntwo\n');
  t.is((await trust.verifyClearsigned(`${good}\n \n`)).text, 'one\ntwo\n', 'blank lines behind it');
  t.is(
    (await trust.verifyClearsigned(good.replace('one\n', '- one \t\n'))).text,
    'one\ntwo\n',
    'what no signature covers',
  );
  const signature = good.slice(good.indexOf('-----BEGIN PGP SIGNATURE-----'));
  const wrong: [string, string][] = [
    ['text before', `evil\n${good}`],
    ['an empty line before', `\n${good}`],
    ['text behind', `${good}evil\n`],
    ['a second message behind', good + good],
    ['CRLF', good.replaceAll('\n', '\r\n')],
    ['CR in a line', good.replace('one', 'on\re')],
    ['CR at a line', good.replace('one\n', 'one\r\n')],
    ['NUL', good.replace('one', 'one\0')],
    ['a changed letter', good.replace('one', 'onf')],
    ['a line more', good.replace('one\n', 'one\nevil\n')],
    ['an empty line more', good.replace('one\n', 'one\n\n')],
    ['a line less', good.replace('one\n', '')],
    ['lines in another order', good.replace('one\ntwo', 'two\none')],
    ['a bare dash', good.replace('one', '-one')],
    ['another header', good.replace('Hash: SHA512', 'Comment: evil')],
    ['text among the headers', good.replace('Hash: SHA512\n', 'Hash: SHA512\nevil text\n')],
    ['white space that hides a line', good.replace('one', '\u2028one')],
    ['no signature', good.slice(0, good.indexOf('-----BEGIN PGP SIGNATURE-----'))],
    ['a signature cut short', good.slice(0, -40)],
    ['two signatures apart', `${good}${signature}`],
    ['no frame', 'one\ntwo\n'],
    ['nothing', ''],
  ];
  for (const [what, text] of wrong) {
    const error = await t.throwsAsync(trust.verifyClearsigned(text), undefined, what);
    t.true(isSyncError(error, 'signature'), `${what}: ${error?.message}`);
  }
  await t.throwsAsync(trust.verifyClearsigned(`x${good}`), { message: /^the clearsigned text does not begin/ });

  for (const text of ['no end', 'space \nend\n', 'tab\t\n', 'cr\r\n', 'nul\0\n', '']) {
    const error = await t.throwsAsync(signer.clearsign(text));
    t.true(isSyncError(error, 'invalid'), JSON.stringify(text));
  }
});

test('attacks on detached signatures', async (t) => {
  const dir = folder(t);
  const [key, other] = [await generateKeys({ kind: 'openpgp', dir }), await generateKeys({ kind: 'openpgp', dir })];
  const bytes = Buffer.from('one\r\ntwo');
  const signature = await (await openpgpSigner(key.secretFile)).detached(bytes);
  const foreign = await (await openpgpSigner(other.secretFile)).detached(bytes);
  const trust = await openTrust({ keyringFiles: [key.publicFile], minisignKeys: [] });
  t.is((await trust.verifyDetached(bytes, signature)).signedBy, key.id);
  t.is((await trust.verifyDetached(bytes, Buffer.concat([foreign, signature]))).signedBy, key.id);
  const wrong: [string, Uint8Array, Uint8Array][] = [
    ['other bytes', Buffer.from('one\r\ntwp'), signature],
    ['other line ends', Buffer.from('one\ntwo'), signature],
    ['no bytes', Buffer.alloc(0), signature],
    ['no signature', bytes, Buffer.alloc(0)],
    ['half a signature', bytes, signature.subarray(0, 60)],
    ['noise', bytes, Buffer.from('hello world')],
    ['a foreign one', bytes, foreign],
    ['seventeen', bytes, Buffer.concat(Array.from({ length: 17 }, () => signature))],
    ['a large one', bytes, Buffer.alloc(1024 * 1024, signature)],
    ['a public key', bytes, readFileSync(key.publicFile)],
  ];
  for (const [what, over, given] of wrong) {
    const error = await t.throwsAsync(trust.verifyDetached(over, given), undefined, what);
    t.true(isSyncError(error, 'signature'), `${what}: ${error?.message}`);
  }
});

test('files that hold no key, and keys that do not open', async (t) => {
  const dir = folder(t);
  const passphraseFile = save(dir, 'passphrase', 'right\n');
  const wrongFile = save(dir, 'wrong', 'left\n');
  const locked = await generateKeys({ kind: 'openpgp', dir, passphraseFile });
  const noKey = save(dir, 'no-key', 'hello\n');
  const open = (file: string, passphrase?: string): Promise<Signer> =>
    openSigner({
      openpgpKeyFiles: [file],
      minisignKeyFiles: [],
      ...(passphrase ? { passphraseFile: passphrase } : {}),
    });
  t.true((await open(locked.secretFile, passphraseFile)).can.openpgp);
  await t.throwsAsync(open(locked.secretFile), {
    message: `${locked.secretFile}: the key needs a passphrase, and there is none`,
  });
  await t.throwsAsync(open(locked.secretFile, wrongFile), { message: /: cannot be opened: .*passphrase/ });
  await t.throwsAsync(open(noKey), { message: `${noKey}: holds no OpenPGP secret key` });
  await t.throwsAsync(open(join(dir, 'nothing')), { message: /nothing: cannot be read: ENOENT/ });
  const published = save(dir, 'published.asc', readFileSync(locked.publicFile));
  await t.throwsAsync(open(published), { message: /published\.asc: is no OpenPGP secret key/ });
  const trust = (file: string) => openTrust({ keyringFiles: [file], minisignKeys: [] });
  await t.throwsAsync(trust(noKey), { message: `${noKey}: holds no OpenPGP public key` });
  const real = save(dir, 'real.kbx', Buffer.from('00000020010100024b425866000000006b013c9f', 'hex'));
  await t.throwsAsync(trust(real), { message: /is a keybox of GnuPG; write its keys to a file with: gpg --export$/ });
  const several = save(
    dir,
    'several',
    `${readFileSync(locked.publicFile, 'utf8')}\nwords between\n${readFileSync((await generateKeys({ kind: 'openpgp', dir })).publicFile, 'utf8')}`,
  );
  t.true((await trust(several)).kinds.openpgp);
});

withGpg(`public keys of any length: gpg --dearmor reads them, together and alone${skipped}`, async (t) => {
  const dir = folder(t);
  const { gpg } = gnupg(t);
  const files: string[] = [];
  // Names of three lengths: base64 ends in no, one and two equals signs.
  for (const name of ['Images', 'Images.', 'Images..']) {
    const { secretFile } = await generateKeys({ kind: 'openpgp', dir, name });
    files.push(secretFile);
    for (const some of [[secretFile], files]) {
      const { publicKeys } = await openpgpSigner(...some);
      t.deepEqual(gpg(['--dearmor'], publicKeys.openpgp), Buffer.from(publicKeys.openpgpKeyring ?? []));
    }
  }
});
