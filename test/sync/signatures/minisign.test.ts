import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { blake2b } from '../../../src/sync/signatures/blake2b.js';
import { generateKeys } from '../../../src/sync/signatures/generate-keys.js';
import { openSigner } from '../../../src/sync/signatures/signing-keys.js';
import { openTrust } from '../../../src/sync/signatures/trust.js';
import { isSyncError } from '../../../src/sync/sync-error.js';
import { folder, has, run } from './tools.js';

const withMinisign = has('minisign') ? test : test.skip;
const skipped = has('minisign') ? '' : ' (skipped: minisign is not installed)';

const BYTES = Buffer.from('0123  images/a.properties\n4567  images/ä.qcow2.gz\n');

function save(dir: string, name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, content, { mode });
  return path;
}

test('BLAKE2b: as long as node has it, and the short one of minisign', (t) => {
  for (const length of [0, 1, 74, 127, 128]) {
    const message = Buffer.from(Array.from({ length }, (_, index) => (index * 7) & 0xff));
    t.deepEqual(blake2b(message, 64), createHash('blake2b512').update(message).digest());
  }
  // Of Python's hashlib.
  const abc = 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319';
  const count = 'ebae0805fd52d3e9f5f29aeb33b6be8cab0f28e668990d3cb95444d9ef90b932';
  t.is(blake2b(Buffer.from('abc'), 32).toString('hex'), abc);
  t.is(blake2b(Buffer.from(Array.from({ length: 74 }, (_, index) => index)), 32).toString('hex'), count);
  t.throws(() => blake2b(Buffer.alloc(129), 32), { instanceOf: RangeError });
});

for (const locked of [false, true]) {
  withMinisign(
    `a key of ours signs for minisign, which signs with it too, ${locked ? 'locked' : 'open'}${skipped}`,
    async (t) => {
      const dir = folder(t);
      const passphraseFile = save(dir, 'passphrase', 'wrong one\ncorrect horse\n');
      const lockedBy = save(dir, 'mine', 'correct horse\n');
      const key = await generateKeys({ kind: 'minisign', dir, ...(locked ? { passphraseFile: lockedBy } : {}) });
      const signer = await openSigner({ openpgpKeyFiles: [], minisignKeyFiles: [key.secretFile], passphraseFile });
      const file = save(dir, 'SHA256SUMS', BYTES);
      const [signature = '', ...others] = await signer.minisign(BYTES, 'SHA256SUMS');
      t.deepEqual(others, []);
      save(dir, 'SHA256SUMS.minisig', signature);
      const checked = run('minisign', ['-V', '-m', file, '-p', key.publicFile]);
      t.is(checked.status, 0, checked.text);
      t.regex(checked.text, /Trusted comment: timestamp:\d+\tfile:SHA256SUMS\thashed/);
      t.regex(signature, /^untrusted comment: .*\nRU[Q-T]/);

      const theirs = join(dir, 'theirs.minisig');
      const signed = run('minisign', ['-S', '-s', key.secretFile, '-m', file, '-x', theirs], {
        input: 'correct horse\n',
      });
      t.is(signed.status, 0, signed.text);
      const trust = await openTrust({ keyringFiles: [], minisignKeys: [key.publicFile] });
      const verified = await trust.verifyMinisign(BYTES, readFileSync(theirs, 'utf8'), 'SHA256SUMS');
      t.is(verified.signedBy, key.id);
    },
  );
}

withMinisign(`keys and signatures of minisign, locked and open, prehashed and legacy${skipped}`, async (t) => {
  const dir = folder(t);
  const file = save(dir, 'md5sum', BYTES);
  const passphraseFile = save(dir, 'passphrase', 'pass word\n');
  const open = ['-p', join(dir, 'open.pub'), '-s', join(dir, 'open.key')];
  const locked = ['-p', join(dir, 'locked.pub'), '-s', join(dir, 'locked.key')];
  t.is(run('minisign', ['-G', '-W', ...open]).status, 0);
  t.is(run('minisign', ['-G', ...locked], { input: 'pass word\npass word\n' }).status, 0);
  const files = [join(dir, 'open.key'), join(dir, 'locked.key')];
  const signer = await openSigner({ openpgpKeyFiles: [], minisignKeyFiles: files, passphraseFile });
  const trust = await openTrust({ keyringFiles: [], minisignKeys: [join(dir, 'open.pub'), join(dir, 'locked.pub')] });
  t.deepEqual(trust.minisignIds, signer.publicKeys.minisignIds);

  const signatures = await signer.minisign(BYTES, 'md5sum');
  for (const [index, name] of ['open.pub', 'locked.pub'].entries()) {
    // minisign leaves out the zeros that a key's id begins with.
    const theirs = readFileSync(join(dir, name), 'utf8').replace(/[0-9A-F]+$/m, (id) => id.padStart(16, '0'));
    t.is(signer.publicKeys.minisign[index], theirs);
    const signature = save(dir, `md5sum.minisig.${index}`, signatures[index] ?? '');
    t.is(run('minisign', ['-V', '-m', file, '-p', join(dir, name), '-x', signature]).status, 0);
  }
  for (const extra of [[], ['-l'], ['-t', 'my comment']]) {
    t.is(run('minisign', ['-S', '-m', file, '-s', join(dir, 'open.key'), '-x', join(dir, 'sig'), ...extra]).status, 0);
    const { signedBy } = await trust.verifyMinisign(BYTES, readFileSync(join(dir, 'sig'), 'utf8'), 'md5sum');
    t.deepEqual([signedBy], trust.minisignIds.slice(0, 1));
  }

  const none = openSigner({ openpgpKeyFiles: [], minisignKeyFiles: files });
  await t.throwsAsync(none, { message: `${files[1]}: the key needs a passphrase, and there is none` });
});

test('what is not signed so is refused', async (t) => {
  const dir = folder(t);
  const [key, other] = [await generateKeys({ kind: 'minisign', dir }), await generateKeys({ kind: 'minisign', dir })];
  const at = new Date('2026-01-02T03:04:05Z');
  const now = (): Date => at;
  const signer = await openSigner({ openpgpKeyFiles: [], minisignKeyFiles: [key.secretFile, other.secretFile], now });
  const [good = '', foreign = ''] = await signer.minisign(BYTES, 'md5sum');
  const [, line = ''] = readFileSync(key.publicFile, 'utf8').split('\n');
  const trust = await openTrust({ keyringFiles: [], minisignKeys: [line] });
  t.deepEqual(trust.kinds, { openpgp: false, minisign: true });
  const trustedComment = `timestamp:${at.getTime() / 1000}\tfile:md5sum\thashed`;
  t.deepEqual(await trust.verifyMinisign(BYTES, good, 'md5sum'), { signedBy: key.id, signedAt: at, trustedComment });
  t.deepEqual(await trust.verifyMinisign(BYTES, good.replaceAll('\n', '\r\n'), 'md5sum'), {
    signedBy: key.id,
    signedAt: at,
    trustedComment,
  });

  const [first = '', second = '', third = '', fourth = ''] = good.split('\n');
  const text = (...lines: string[]): string => `${lines.join('\n')}\n`;
  const flip = (base64: string, at: number): string => {
    const bytes = Buffer.from(base64, 'base64');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  const wrong: [string, string, RegExp][] = [
    ['another key', foreign, new RegExp(`^the minisign key ${other.id} is not trusted$`)],
    ['a changed signature', text(first, flip(second, 40), third, fourth), /is wrong$/],
    ['a changed comment', text(first, second, third.replace('md5sum', 'md5sun'), fourth), /is wrong$/],
    ['a changed second signature', text(first, second, third, flip(fourth, 5)), /is wrong$/],
    [
      'prehashed called legacy',
      text(first, flip(second, 1).replace(/^../, 'RW'), third, fourth),
      /is (wrong|not trusted|no signature of minisign)$/,
    ],
    ['no comment', text(first, second), /is no signature of minisign$/],
    ['a line more', text(first, second, third, fourth, 'x'), /is no signature of minisign$/],
    ['loose base64', text(first, `${second} `, third, fourth), /is no signature of minisign$/],
    ['nothing', '', /is no signature of minisign$/],
    ['a book', 'x'.repeat(100_000), /is no signature of minisign$/],
  ];
  for (const [what, signature, message] of wrong) {
    const error = await t.throwsAsync(trust.verifyMinisign(BYTES, signature, 'md5sum'), { message }, what);
    t.true(isSyncError(error, 'signature'), what);
  }
  await t.throwsAsync(trust.verifyMinisign(Buffer.from('other'), good), { message: /is wrong$/ });
  await t.throwsAsync(trust.verifyMinisign(BYTES, good, 'SHA256SUMS'), {
    message: /is that of "md5sum", not of "SHA256SUMS"$/,
  });
  await t.throwsAsync(trust.verifyDetached(BYTES, Buffer.from('x')), { message: 'no OpenPGP key is trusted' });
  await t.throwsAsync(signer.clearsign('x\n'), { message: 'there is no OpenPGP key to sign with' });
  await t.throwsAsync(signer.minisign(BYTES, 'a\nfile:b'), { message: /neither slashes nor control characters/ });
});

test('key files: damaged ones, wrong passphrases, files that others may use', async (t) => {
  const dir = folder(t);
  const passphraseFile = save(dir, 'passphrase', 'right\n');
  const wrongFile = save(dir, 'wrong', 'left\n');
  const open = await generateKeys({ kind: 'minisign', dir });
  const locked = await generateKeys({ kind: 'minisign', dir, passphraseFile });
  const text = readFileSync(open.secretFile, 'utf8');
  const bytes = Buffer.from(text.split('\n')[1] ?? '', 'base64');
  bytes[80] = (bytes[80] ?? 0) ^ 1;
  const damaged = save(dir, 'damaged.key', `untrusted comment: x\n${bytes.toString('base64')}\n`);
  const costly = Buffer.from(readFileSync(locked.secretFile, 'utf8').split('\n')[1] ?? '', 'base64');
  costly.writeBigUInt64LE(2n ** 40n, 46);
  const greedy = save(dir, 'greedy.key', `untrusted comment: x\n${costly.toString('base64')}\n`);
  const shown = save(dir, 'shown.key', text, 0o640);
  const cases: [string, string, string | undefined][] = [
    [damaged, 'the key is damaged', undefined],
    [locked.secretFile, 'the passphrase is wrong', wrongFile],
    [greedy, 'the key asks for more work to open it than minisign ever does', wrongFile],
    [open.publicFile, `others than its owner may use this secret; run: chmod 600 ${open.publicFile}`, undefined],
    [shown, `others than its owner may use this secret; run: chmod 600 ${shown}`, undefined],
    [wrongFile, 'this is no secret key of minisign', undefined],
    [dir, 'is no file', undefined],
  ];
  for (const [file, message, passphrase] of cases) {
    const options = {
      openpgpKeyFiles: [],
      minisignKeyFiles: [file],
      ...(passphrase ? { passphraseFile: passphrase } : {}),
    };
    const error = await t.throwsAsync(openSigner(options), { message: `${file}: ${message}` });
    t.true(isSyncError(error, 'usage'));
  }
  const loose = save(dir, 'loose', 'right\n', 0o644);
  const withLoose = openSigner({ openpgpKeyFiles: [], minisignKeyFiles: [locked.secretFile], passphraseFile: loose });
  await t.throwsAsync(withLoose, {
    message: `${loose}: others than its owner may use this secret; run: chmod 600 ${loose}`,
  });
  await t.throwsAsync(openTrust({ keyringFiles: [], minisignKeys: [wrongFile] }), {
    message: `${wrongFile}: this is no public key of minisign`,
  });
});
