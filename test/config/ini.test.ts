import test from 'ava';
import { type IniDialect, parseIni } from '../../src/config/ini.js';

const read = (text: string, dialect?: IniDialect) =>
  parseIni(text, 'f', dialect).entries.map(({ section, name, value, line }) => [`${section}.${name}:${line}`, value]);

test('keeps section, name, value and line of every assignment, in order', (t) => {
  t.deepEqual(read('# first\n[A]\nx = 1\n\n; second\n[B]\ny: 2\nx=3\n[A]\nx = 4\n'), [
    ['A.x:3', '1'],
    ['B.y:7', '2'],
    ['B.x:8', '3'],
    ['A.x:10', '4'],
  ]);
});

test('a value begins after the first = or : and may hold more of them, and # and ;', (t) => {
  t.deepEqual(read('[A]\nurl = postgresql://u:p@h/db?x=1#f ;g\nformat: a = b\n'), [
    ['A.url:2', 'postgresql://u:p@h/db?x=1#f ;g'],
    ['A.format:3', 'a = b'],
  ]);
});

test('indented lines continue a value; in the oslo dialect a blank line ends it and a comment between is text', (t) => {
  t.deepEqual(read('[A]\nx = 1\n  2\n\t# 3\ny = 5\n'), [
    ['A.x:2', '1\n2\n# 3'],
    ['A.y:5', '5'],
  ]);
  t.deepEqual(parseIni('[A]\nx = 1\n\n  2\n', 'f').problems, ['f:4: unexpected continuation line: "2"']);
});

test('in the Python dialect comments and blank lines within a value are skipped, and quotes stay', (t) => {
  t.deepEqual(read('[A]\nx =\n  1\n  # no\n\n  2\ny = "q"\n', 'python'), [
    ['A.x:2', '\n1\n2'],
    ['A.y:7', '"q"'],
  ]);
});

test('one pair of quotes around the whole value falls away, quotes of items stay', (t) => {
  t.deepEqual(
    read(`[A]\na = " x "\nb = 'y'\nc = "a","b"\nd = "open\ne = ""\n`).map(([, value]) => value),
    [' x ', 'y', '"a","b"', '"open', ''],
  );
});

test('reads Windows line ends and a byte order mark', (t) => {
  t.deepEqual(read('\uFEFF[A]\r\nx = 1\r\n  2\r\n'), [['A.x:2', '1\n2']]);
});

test('every mistake is named with its line, and reading goes on', (t) => {
  const { problems, entries } = parseIni('early = 1\n[A\n[]\n[A]\nnonsense\n= 5\nx = 1\n', 'dir/f.conf');
  t.deepEqual(problems, [
    'dir/f.conf:1: option "early" stands before the first [section]',
    'dir/f.conf:2: a section header must read [name]: "[A"',
    'dir/f.conf:3: a section header must read [name]: "[]"',
    'dir/f.conf:5: no "=" or ":" in "nonsense"',
    'dir/f.conf:6: no option name before "=" in "= 5"',
  ]);
  t.is(entries.length, 1);
});

test('a long malformed line is cut, since it may hold a password', (t) => {
  const { problems } = parseIni('[A]\npostgresql_glance_user_secretpassword\n', 'f');
  t.false(problems.join().includes('secretpassword'));
});
