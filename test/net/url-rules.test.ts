import test from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import { checkUrl, DEFAULT_URL_RULES, shownUrl, type UrlRules } from '../../src/net/url-rules.js';

const NONE: UrlRules = { ...DEFAULT_URL_RULES, allowedSchemes: [], allowedPorts: [] };

const cases: readonly [string, Partial<UrlRules>, string, RegExp | null][] = [
  ['defaults take port 80', DEFAULT_URL_RULES, 'http://host/x', null],
  ['defaults take port 443', DEFAULT_URL_RULES, 'https://host/x', null],
  ['defaults refuse other ports', DEFAULT_URL_RULES, 'http://host:8080/x', /port 8080/],
  ['defaults refuse other schemes', DEFAULT_URL_RULES, 'ftp://host/x', /scheme 'ftp'/],
  ['an allowed scheme that is not spoken', { allowedSchemes: ['ftp', 'file'] }, 'file:///etc/passwd', /scheme 'file'/],
  ['a disallowed scheme', { disallowedSchemes: ['http'] }, 'http://host/', /scheme 'http'/],
  ['an allow-list wins over a deny-list', { allowedHosts: ['a'], disallowedHosts: ['a'] }, 'http://a/', null],
  ['a host that is not on the allow-list', { allowedHosts: ['a'] }, 'http://b/', /host 'b'/],
  [
    'a disallowed host in other case with a final dot',
    { disallowedHosts: ['Evil.example'] },
    'http://EVIL.example./',
    /evil/,
  ],
  [
    'a disallowed address in another notation',
    { disallowedHosts: ['127.0.0.1'] },
    'http://2130706433/',
    /127\.0\.0\.1/,
  ],
  ['a disallowed IPv6 address', { disallowedHosts: ['::1'] }, 'http://[0:0::1]/', /'::1'/],
  ['an allowed port given as a text', { allowedPorts: ['8080'] }, 'http://host:8080/', null],
  ['a disallowed default port', { disallowedPorts: [443] }, 'https://host/', /port 443/],
  ['no rules at all', {}, 'http://host:12345/', null],
  ['a URL without a host', {}, 'http://', /malformed/],
  ['no URL', {}, 'user:secret@nonsense', /scheme 'user'/],
];
for (const [title, rules, url, refusal] of cases) {
  test(title, (t) => {
    const check = () => checkUrl(url, { ...NONE, ...rules });
    if (!refusal) return t.notThrows(check);
    const error = t.throws(check, { message: refusal });
    return t.true(isRegistryError(error, 'invalid'));
  });
}

test('neither credentials nor signatures are shown', (t) => {
  t.is(shownUrl(new URL('http://user:secret@host:81/a/b?signature=x#y')), 'http://host:81/a/b');
  const error = t.throws(() => checkUrl('http://user:secret@host:99999/', NONE));
  t.false(`${error?.stack}${String(error?.cause)}`.includes('secret'));
});
