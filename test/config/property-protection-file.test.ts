import test from 'ava';
import { parsePropertyProtections } from '../../src/config/property-protection-file.js';

const SECTION = 'create = admin\nread = @\nupdate = admin,member\ndelete = !\n';
const grants = { create: 'admin', read: '@', update: 'admin,member', delete: '!' };

test('sections keep their order, and their expressions all characters', (t) => {
  const text = `# comment\n[^x_[a-z]+$]\n${SECTION}\n; comment\n[b;#=:c]\n${SECTION}`;
  t.deepEqual(parsePropertyProtections(text, 'p.conf'), [
    { expression: '^x_[a-z]+$', grants },
    { expression: 'b;#=:c', grants },
  ]);
});

test('keys in any case, with a colon, with nothing, over several lines', (t) => {
  const text = '[x]\nCreate: admin,\n  member\nREAD =\nupdate: !\ndelete = @\n';
  t.deepEqual(parsePropertyProtections(text, 'p.conf'), [
    { expression: 'x', grants: { create: 'admin,\nmember', read: '', update: '!', delete: '@' } },
  ]);
});

test('[DEFAULT] gives what a section leaves out', (t) => {
  const text = `[DEFAULT]\n${SECTION}\n[x]\nread = !\n[y]\n`;
  t.deepEqual(parsePropertyProtections(text, 'p.conf'), [
    { expression: 'x', grants: { ...grants, read: '!' } },
    { expression: 'y', grants },
  ]);
});

test('an empty file protects everything', (t) => {
  t.deepEqual(parsePropertyProtections('', 'p.conf'), []);
});

const BROKEN: readonly (readonly [what: string, text: string, message: string])[] = [
  ['a right left out', '[x]\ncreate = @\nupdate = @\n', 'p.conf: section [x] has no read, delete'],
  [
    'an unknown key',
    `[x]\n${SECTION}reed = @\n`,
    'p.conf:6: section [x] has an unknown key "reed"; the keys are create, read, update, delete',
  ],
  ['a key twice', `[x]\n${SECTION}Read = !\n`, 'p.conf:6: section [x] has the key "read" twice'],
  ['a section twice', `[x]\n${SECTION}[x]\n`, 'p.conf: section [x] is there twice'],
  ['a line that is nothing', `[x]\n${SECTION}everyone\n`, 'p.conf:6: no "=" or ":" in "everyone"'],
];

for (const [what, text, message] of BROKEN) {
  test(`a file with ${what} is refused`, (t) => {
    t.throws(() => parsePropertyProtections(text, 'p.conf'), { name: 'ConfigError', message });
  });
}

test('all mistakes are told together', (t) => {
  const error = t.throws(() => parsePropertyProtections('[x]\n[y]\nread = @\n', 'p.conf'));
  t.regex(
    error.message,
    /section \[x\] has no create, read, update, delete\n.*section \[y\] has no create, update, delete$/,
  );
});
