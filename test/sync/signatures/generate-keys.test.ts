import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { describeKeys } from '../../../src/sync/signatures/describe-key.js';
import { type GenerateOptions, generateKeys } from '../../../src/sync/signatures/generate-keys.js';
import { isSyncError } from '../../../src/sync/sync-error.js';
import { folder } from './tools.js';

const now = new Date('2026-11-21T00:00:00Z');

test('the files of a key: names, modes, and nothing secret in what is shown of them', async (t) => {
  const dir = join(folder(t), 'keys');
  const passphraseFile = join(dir, '..', 'passphrase');
  writeFileSync(passphraseFile, 'correct horse\n', { mode: 0o600 });
  const openpgp = await generateKeys({
    kind: 'openpgp',
    dir,
    name: 'Images <i@example.org>',
    expiresDays: 2,
    passphraseFile,
    now: () => now,
  });
  const minisign = await generateKeys({ kind: 'minisign', dir });
  t.is(statSync(dir).mode & 0o777, 0o700);
  const modes = readdirSync(dir).map((name) => [name, (statSync(join(dir, name)).mode & 0o777).toString(8)]);
  t.deepEqual(modes.sort(), [
    [`minisign-${minisign.id}.key`, '600'],
    [`minisign-${minisign.id}.pub`, '644'],
    [`openpgp-${openpgp.id}.pub.asc`, '644'],
    [`openpgp-${openpgp.id}.rev.asc`, '600'],
    [`openpgp-${openpgp.id}.sec.asc`, '600'],
  ]);
  const shared = {
    kind: 'openpgp',
    id: openpgp.id,
    names: ['Images <i@example.org>'],
    created: now,
    expires: openpgp.expires,
  };
  t.deepEqual(await describeKeys(openpgp.secretFile, now), [{ ...shared, secret: true, locked: true }]);
  t.deepEqual(await describeKeys(openpgp.publicFile, now), [{ ...shared, secret: false, locked: false }]);
  const later = await describeKeys(openpgp.publicFile, new Date('2026-11-24T00:00:00Z'));
  t.deepEqual(later, [{ ...shared, secret: false, locked: false, unusable: 'Primary key is expired' }]);

  const [, line] = readFileSync(minisign.publicFile, 'utf8').split('\n');
  const small = { kind: 'minisign', id: minisign.id, names: [], locked: false };
  t.deepEqual(await describeKeys(minisign.publicFile, now), [{ ...small, secret: false, minisignPublicKey: line }]);
  t.deepEqual(await describeKeys(minisign.secretFile, now), [{ ...small, secret: true }]);
  const hidden = await generateKeys({ kind: 'minisign', dir, passphraseFile });
  t.deepEqual(await describeKeys(hidden.secretFile, now), [{ ...small, id: undefined, secret: true, locked: true }]);
  const [revocation] = await describeKeys(openpgp.revocationFile ?? '', new Date());
  t.like(revocation, { id: openpgp.id, secret: false, revokes: true });
  for (const file of [passphraseFile, join(dir, 'nothing')]) {
    t.true(isSyncError(await t.throwsAsync(describeKeys(file, now)), 'usage'));
  }
});

test('what cannot be made leaves nothing', async (t) => {
  const dir = folder(t);
  const empty = join(dir, 'empty');
  writeFileSync(empty, '\n', { mode: 0o600 });
  const cases: [Partial<GenerateOptions>, RegExp][] = [
    [{ expiresDays: 3 }, /^keys of minisign do not expire$/],
    [{ name: 'x' }, /^keys of minisign have no name$/],
    [{ kind: 'openpgp', expiresDays: 0 }, /after 1 to 36500 days$/],
    [{ kind: 'openpgp', expiresDays: 1.5 }, /after 1 to 36500 days$/],
    [{ kind: 'openpgp', name: 'a\nb' }, /must read "Name" or "Name <address>"$/],
    [{ kind: 'openpgp', name: 'a <b>' }, /must read "Name" or "Name <address>"$/],
    [{ kind: 'openpgp', name: '' }, /must read "Name" or "Name <address>"$/],
    [{ passphraseFile: empty }, /holds no passphrase$/],
    [{ passphraseFile: join(dir, 'none') }, /cannot be read: ENOENT/],
    [{ dir: join(dir, 'no', 'where') }, /the key cannot be written: ENOENT/],
    [{ dir: empty }, /the key cannot be written: ENOTDIR/],
    [{ kind: 'openpgp', dir: '/proc/nowhere' }, /the key cannot be written: /],
  ];
  for (const [options, message] of cases) {
    const error = await t.throwsAsync(generateKeys({ kind: 'minisign', dir, ...options }), { message });
    t.true(isSyncError(error, 'usage'));
  }
  t.deepEqual(readdirSync(dir), ['empty']);
});

test('a file that is there is not overwritten, and the others of its key do not stay', async (t) => {
  const dir = folder(t);
  const { writeNewFiles } = await import('../../../src/sync/signatures/new-files.js');
  const taken = join(dir, 'b');
  writeFileSync(taken, 'mine');
  const files = ['a', 'b', 'c'].map((name) => ({ path: join(dir, name), text: 'theirs', mode: 0o600 }));
  await t.throwsAsync(writeNewFiles(files), { code: 'EEXIST' });
  t.deepEqual(readdirSync(dir), ['b']);
  t.is(readFileSync(taken, 'utf8'), 'mine');
});
