import test from 'ava';
import { preferred } from '../../src/http/accept.js';

const OFFERS = ['text/html', 'application/json'] as const;

/** Headers, and the offer that each likes best. */
const ROWS: readonly [header: string | undefined, best: (typeof OFFERS)[number] | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['  ', undefined],
  ['text/plain', undefined],
  ['nonsense', undefined],
  ['text/', undefined],
  ['*', undefined],
  ['*/*', 'text/html'],
  ['text/*', 'text/html'],
  ['application/*', 'application/json'],
  ['application/json', 'application/json'],
  ['Application/JSON', 'application/json'],
  ['application/json, text/html', 'text/html'],
  ['application/json;q=0.9, text/html;q=0.8', 'application/json'],
  ['application/json; charset=utf-8; q=0.5, */*;q=0.1', 'application/json'],
  ['text/html;q=0, */*', 'application/json'],
  ['text/html;q=0', undefined],
  ['*/*;q=0', undefined],
  ['text/*;q=0, text/html', 'text/html'],
  ['text/html;q=nonsense, application/json;q=0.1', 'application/json'],
  ['text/plain, */*;q=0.1', 'text/html'],
];
for (const [header, best] of ROWS) {
  test(`Accept ${JSON.stringify(header)} likes ${best ?? 'none'}`, (t) => {
    t.is(preferred(header, OFFERS), best);
  });
}
