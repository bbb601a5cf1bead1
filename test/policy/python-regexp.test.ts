import test from 'ava';
import { pythonRegExp } from '../../src/policy/python-regexp.js';

/** Expressions, names in which Python finds them, and names in which it does not. */
const FOUND: readonly (readonly [expression: string, yes: readonly string[], no: readonly string[]])[] = [
  ['x_foo_*', ['x_foo', 'my_x_foo__'], ['x_fo']],
  ['^x_owner_.*', ['x_owner_', 'x_owner_1'], ['ax_owner_1', 'X_owner_1']],
  ['(?i)^x_', ['X_a', 'x_a'], ['aX_']],
  ['(?is)^x.y$', ['X\nY'], ['XY']],
  ['^x$', ['x', 'x\n'], ['x\n\n', 'xx', 'x\r']],
  ['\\Ax\\Z', ['x'], ['x\n', 'xx']],
  ['^.$', ['x', '\r', 'é'], ['\n', '']],
  ['^(?P<kind>hw|os)_', ['hw_a', 'os_'], ['sw_']],
  ['^(?!x_).', ['a'], ['x_a', '']],
  ['(?<=x)_', ['x_'], ['a_']],
  ['^\\w+$', ['aé_1'], ['a-b', '']],
  ['^\\W\\S$', ['-a'], ['éa', '- ']],
  ['^\\d$', ['٣'], ['x']],
  ['\\bfoo\\b', ['foo', 'a foo b', 'a-foo'], ['éfoo', 'foo_']],
  ['^\\Bé', [], ['é']],
  ['^[]a]$', [']', 'a'], ['b']],
  ['^[^]a]$', ['b'], [']', 'a', '']],
  ['^[[:a]$', ['[', ':', 'a'], [']', 'b']],
  ['^[\\w-]$', ['-', 'é'], ['.']],
  ['^[a-c\\]&&(){}|/-]+$', ['b]', '&&', '(){}', '|/-'], ['d']],
  ['^[\\d\\x41-\\x43]$', ['B', '7'], ['D']],
  ['a{x}', ['a{x}'], ['ax', 'aax']],
  ['^a{,2}$', ['', 'aa'], ['aaa', 'a{,2}']],
  ['^a{2}b{1,}?$', ['aab', 'aabb'], ['ab', 'aa']],
  ['^a{,}$', ['', 'aaaa'], ['a{,}']],
  ['^}]-#/$', ['}]-#/'], ['']],
  ['^\\.\\-\\_é\\u00e9\\U0001F600$', ['.-_éé😀'], ['x-_éé😀']],
  ['^\\t[\\b]$', ['\t\b'], ['tb']],
  ['^😀{2}$', ['😀😀'], ['😀']],
  ['^(a+)?(b{1,9})+$', ['b', 'aabb'], ['a']],
  ['^(a|b)*$', ['', 'abba'], ['c']],
];

for (const [expression, yes, no] of FOUND) {
  test(`${expression} finds what it finds in Python`, (t) => {
    const found = pythonRegExp(expression);
    for (const name of yes) t.true(found.test(name), JSON.stringify(name));
    for (const name of no) t.false(found.test(name), JSON.stringify(name));
  });
}

const REFUSED: readonly (readonly [expression: string, message: RegExp])[] = [
  ['(', /^is no regular expression: Unterminated group$/],
  ['a)', /^is no regular expression: it has a "\)" too many$/],
  ['*a', /^is no regular expression: Nothing to repeat$/],
  ['a**', /^is no regular expression: Nothing to repeat$/],
  ['[a', /^is no regular expression: it ends too early$/],
  ['a\\', /^is no regular expression: it ends too early$/],
  ['[z-a]', /^is no regular expression: Range out of order/],
  ['[\\w-z]', /^has a range between what are no characters$/],
  ['[a-\\d]', /^has a range between what are no characters$/],
  ['\\q', /^has "\\q", which is not supported$/],
  ['\\x4', /^has "\\x", which is not supported$/],
  ['\\U00110000', /^has "\\U00110000", which is no character$/],
  ['(a)\\1', /^has "\\1": references and octal digits are not supported$/],
  ['(?P<a>b)(?P=a)', /^has "\(\?P", which is not supported$/],
  ['(?:a)(?i:b)', /^has "\(\?i", which is not supported$/],
  ['(?>a)', /^has "\(\?>", which is not supported$/],
  ['(a)(?(1)b)', /^has "\(\?\(", which is not supported$/],
  ['(?x)a b', /^has the flags "\(\?x\)", of which only i, s and u are supported$/],
  ['(a+)+$', /^repeats with "\+" a group that itself repeats$/],
  ['((a|b*)c)*', /^repeats with "\*" a group that itself repeats$/],
  ['(?:a{2,})*?', /^repeats with "\*\?" a group that itself repeats$/],
  ['(a{1,40}){40}', /^repeats with "\{40\}" a group that itself repeats$/],
];

for (const [expression, message] of REFUSED) {
  test(`${expression} is refused`, (t) => {
    t.throws(() => pythonRegExp(expression), { name: 'RegExpError', message });
  });
}
