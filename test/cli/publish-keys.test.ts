import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Outcome, program, workFolder } from './program.js';

const keys = (cwd: string, ...argv: string[]): Promise<Outcome> => program('main', ['publish', 'keys', ...argv], cwd);

test('keys are made in a folder and shown from their files', async (t) => {
  const cwd = workFolder(t);
  writeFileSync(join(cwd, 'passphrase'), 'correct horse\n', { mode: 0o600 });
  const name = 'Images <images@example.org>';
  const locked = ['--name', name, '--expires', '30', '--passphrase-file', 'passphrase'];
  const openpgp = await keys(cwd, 'generate', '--kind', 'openpgp', '--dir', 'k', ...locked);
  t.deepEqual([openpgp.code, openpgp.stderr], [0, '']);
  const [, id = ''] = /^fingerprint {2}([0-9A-F]{40})$/m.exec(openpgp.stdout) ?? [];
  t.true(openpgp.stdout.startsWith(`secret key   k/openpgp-${id}.sec.asc\npublic key   k/openpgp-${id}.pub.asc\n`));
  t.regex(openpgp.stdout, /^expires {6}\d{4}-\d\d-\d\d$/m);
  const minisign = await keys(cwd, 'generate', '--kind', 'minisign', '--dir', 'k');
  const [, small = ''] = /^id {11}([0-9A-F]{16})$/m.exec(minisign.stdout) ?? [];
  t.deepEqual(readdirSync(join(cwd, 'k')).sort(), [
    `minisign-${small}.key`,
    `minisign-${small}.pub`,
    `openpgp-${id}.pub.asc`,
    `openpgp-${id}.rev.asc`,
    `openpgp-${id}.sec.asc`,
  ]);

  const files = [
    `k/openpgp-${id}.sec.asc`,
    `k/openpgp-${id}.pub.asc`,
    `k/minisign-${small}.key`,
    `k/minisign-${small}.pub`,
    `k/openpgp-${id}.rev.asc`,
  ];
  const shown = await keys(cwd, 'show', ...files);
  t.is(shown.code, 0, shown.stderr);
  t.regex(
    shown.stdout,
    new RegExp(
      `^${files[0]}\n  kind         openpgp, secret key, locked by a passphrase\n  fingerprint  ${id}\n  name         ${name}\n`,
    ),
  );
  t.true(
    shown.stdout.includes(`rev.asc\n  kind         openpgp, revocation: keep it elsewhere\n  revokes      ${id}\n`),
  );
  t.regex(shown.stdout, /^ {2}minisign -P {2}RW[A-Za-z0-9+/]{54}$/m);
  t.notRegex(shown.stdout, /correct horse|PRIVATE|RWQAAEIy/);
});

test('mistakes name what was wrong and exit with 2', async (t) => {
  const cwd = workFolder(t);
  writeFileSync(join(cwd, 'loose'), 'correct horse\n');
  chmodSync(join(cwd, 'loose'), 0o644);
  const cases: [string[], RegExp][] = [
    [[], /^ERROR: usage: glimpse publish keys /],
    [['make'], /^ERROR: usage: glimpse publish keys /],
    [['show'], /^ERROR: usage: glimpse publish keys /],
    [['show', 'none'], /^ERROR: none: cannot be read: ENOENT/],
    [['show', 'loose'], /^ERROR: loose: is no key file$/m],
    [['generate', '--dir', 'k'], /^ERROR: --kind must be openpgp or minisign$/m],
    [['generate', '--kind', 'openpgp'], /^ERROR: --dir is missing/],
    [
      ['generate', '--kind', 'openpgp', '--dir', 'k', '--expires', 'soon'],
      /^ERROR: --expires must be a number of days$/m,
    ],
    [['generate', '--kind', 'openpgp', '--dir', 'k', '--passphrase', 'x'], /^ERROR: Unknown option '--passphrase'/],
    [
      ['generate', '--kind', 'minisign', '--dir', 'k', '--passphrase-file', 'loose'],
      /^ERROR: loose: .*chmod 600 loose$/m,
    ],
  ];
  for (const [argv, message] of cases) {
    const { code, stderr, stdout } = await keys(cwd, ...argv);
    t.deepEqual([code, stdout], [2, ''], argv.join(' '));
    t.regex(stderr, message);
  }
  t.deepEqual(readdirSync(cwd), ['loose']);
  const help = await keys(cwd, 'generate', '--help');
  t.is(help.code, 0);
  t.regex(help.stdout, /^Usage: glimpse publish keys generate/);
});
