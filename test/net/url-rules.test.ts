import type { LookupAddress } from 'node:dns';
import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { guardedLookup } from '../../src/net/guarded-connect.js';
import { checkUrl, DEFAULT_URL_RULES, shownUrl, type UrlRules } from '../../src/net/url-rules.js';
import { scripted, VECTORS, type Vector } from './vectors.js';

for (const vector of VECTORS) {
  const verdict = vector.refused ? 'refused' : 'let through';
  test(`${vector.title}: ${JSON.stringify(vector.url)} is ${verdict}`, async (t) => {
    const reached = reach(vector);
    if (!vector.refused) return t.notThrowsAsync(reached);
    const error = await t.throwsAsync(reached, { message: vector.refused });
    return t.true(isRegistryError(error, 'invalid'));
  });
}

/** As far as a source gets before a packet leaves: its URL is judged, and then, each time that a socket asks for it, what its host resolves to. */
async function reach({ url, from, rules, answers, given }: Vector): Promise<void> {
  const all: UrlRules = { ...DEFAULT_URL_RULES, ...rules };
  const { hostname } = checkUrl(url, all, from === undefined ? undefined : new URL(from));
  if (answers === undefined) return;
  const lookup = guardedLookup(all, scripted(answers).resolve);
  for (const answer of answers) {
    const addresses = await new Promise<string | LookupAddress[]>((done, fail) => {
      lookup(hostname, { all: true }, (error, found) => (error ? fail(error) : done(found)));
    });
    const found = typeof addresses === 'string' ? addresses : addresses.map(({ address }) => address);
    if (String(found) !== String(given ?? answer)) throw new Error(`a socket is given ${found}`);
  }
}

test('a socket that wants one address is given the first that is open', (t) => {
  const { resolve, asked } = scripted([['127.0.0.1', '::1', '10.0.0.7', '1.1.1.1']]);
  guardedLookup(DEFAULT_URL_RULES, resolve)('name.test', {}, (error, address, family) => {
    t.is(error, null);
    t.deepEqual([address, family], ['10.0.0.7', 4]);
  });
  t.is(asked(), 1);
});

test('what a name cannot be resolved for is handed on', (t) => {
  const lookup = guardedLookup(DEFAULT_URL_RULES, (_host, done) => done(new Error('no such name'), []));
  lookup('name.test', { all: true }, (error) => t.is(error?.message, 'no such name'));
});

test('neither credentials nor signatures are shown', (t) => {
  t.is(shownUrl(new URL('http://user:secret@host:81/a/b?signature=x#y')), 'http://host:81/a/b');
  for (const url of ['http://user:secret@host:99999/', 'http://user:secret@127.1/', 'http://user:secret@127.0.0.1/']) {
    const error = t.throws(() => checkUrl(url, DEFAULT_URL_RULES));
    t.false(`${error?.stack}${String(error?.cause)}`.includes('secret'));
  }
});
