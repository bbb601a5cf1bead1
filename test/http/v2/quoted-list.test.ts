import test from 'ava';
import { readQuotedList } from '../../../src/http/v2/quoted-list.js';
import { answerOf } from './codec-fixtures.js';

const LISTS: readonly (readonly [list: string, values: readonly string[]])[] = [
  ['', []],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['a,,b,', ['a', '', 'b']],
  [',', ['']],
  [',a', ['', 'a']],
  ['"a",,"b",', ['a', '', 'b']],
  ['""', ['']],
  ['"a,b",c,"d"', ['a,b', 'c', 'd']],
  ['"say \\"hi\\", please"', ['say "hi", please']],
  [' a , b ', [' a ', ' b ']],
  ["'a'", ["'a'"]],
  ['a\\"b,"c"', ['a\\"b', 'c']],
];

test('values by comma, with or without quotes', (t) => {
  for (const [list, values] of LISTS) t.deepEqual(readQuotedList(list), values, list);
});

const BEFORE = 'There is no comma before opening quotation mark.';
const AFTER = 'There is no comma after closing quotation mark.';
const OPEN = 'The quote is not closed.';

const REFUSALS: readonly (readonly [list: string, why: string])[] = [
  ['"a', OPEN],
  ['a,"', OPEN],
  ['"a\\"', OPEN],
  ['a"b"', BEFORE],
  [' "a"', BEFORE],
  ['"a"b', AFTER],
  ['"a" ,b', AFTER],
  ['"a""b"', AFTER],
];

test('quotes enclose whole values', (t) => {
  for (const [list, why] of REFUSALS) {
    t.is(
      answerOf(() => readQuotedList(list), 200),
      `400 Invalid filter value ${list}. ${why}`,
    );
  }
});
