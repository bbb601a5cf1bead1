import type { LookupAddress } from 'node:dns';
import type { UrlRules } from '../../src/net/url-rules.js';

/** What becomes of a source: it is let through, or refused with a message. */
export interface Vector {
  readonly title: string;
  readonly url: string;
  /** What differs from Glance's default rules. */
  readonly rules?: Partial<UrlRules>;
  /** The URL that redirects to it. */
  readonly from?: string;
  /** What its host resolves to, one list for each time it is asked; a host without answers is an address. */
  readonly answers?: readonly (readonly string[])[];
  /** What of that a socket is given, where it is not all. */
  readonly given?: readonly string[];
  /** undefined: let through. */
  readonly refused?: RegExp;
}

const MALFORMED = /^The URL of the source is malformed/;
const SPELLED = /malformed: an IPv4 address is four decimal numbers\.$/;
const CLOSED = /^Sources on host '[^']*' are not allowed: its address is not open to requests/;

const loopback = { allowedHosts: ['127.0.0.1'] };
const named = (...allowedHosts: string[]): Partial<UrlRules> => ({ allowedHosts });
const without = (...disallowedHosts: string[]): Partial<UrlRules> => ({ disallowedHosts });

function group(
  refused: RegExp | undefined,
  rules: Partial<UrlRules>,
  rows: readonly (readonly [title: string, url: string])[],
): readonly Vector[] {
  return rows.map(([title, url]) => ({ title, url, rules, ...(refused ? { refused } : {}) }));
}

function resolved(
  refused: RegExp | undefined,
  rows: readonly (readonly [title: string, answers: readonly (readonly string[])[], rules?: Partial<UrlRules>])[],
): readonly Vector[] {
  return rows.map(([title, answers, rules = {}]) => ({
    title,
    url: 'http://name.test/',
    answers,
    rules,
    ...(refused ? { refused } : {}),
  }));
}

/** The attacks on a server that fetches what its users name, and the sources that must stay possible (image-api-v2 section 7, fetch rules 1 to 5). */
export const VECTORS: readonly Vector[] = [
  // Schemes, hosts and ports.
  ...group(undefined, {}, [
    ['port 80', 'http://host.test/x'],
    ['port 443', 'https://host.test/x'],
    ['a default port that is written', 'https://host.test:443/x'],
    ['a final dot', 'http://host.test./x'],
    ['an international name', 'http://bücher.test/x'],
    ['user and password, for the host behind them', 'http://user:secret@host.test/x'],
    ['a query with an @ and slashes', 'http://host.test/x?y=@127.0.0.1//z'],
    ['a public address', 'http://1.1.1.1/x'],
    ['a public IPv6 address', 'http://[2606:4700:4700::1111]/x'],
    ['a private address, as in Glance', 'http://10.1.2.3/x'],
    ['a shared address, as in Glance', 'http://100.64.0.1/x'],
    ['a unique local address, as in Glance', 'http://[fd12::1]/x'],
  ]),
  ...group(/^Sources with port \d+ are not allowed\.$/, {}, [
    ['another port', 'http://host.test:8080/x'],
    ['a port of a service', 'http://host.test:22/x'],
  ]),
  ...group(/^Sources with scheme '\w+' are not allowed\.$/, {}, [
    ['another scheme', 'ftp://host.test/x'],
    ['a file', 'file:///etc/passwd'],
    ['gopher', 'gopher://host.test:80/x'],
    ['no URL', 'user:secret@nonsense'],
  ]),
  ...group(/scheme 'file'/, { allowedSchemes: ['ftp', 'file'] }, [
    ['an allowed scheme that is not spoken', 'file:///x'],
  ]),
  ...group(/scheme 'http'/, { allowedSchemes: [], disallowedSchemes: ['http'] }, [
    ['a disallowed scheme', 'http://h/'],
  ]),
  ...group(undefined, { allowedPorts: ['8080'] }, [['an allowed port given as a text', 'http://host.test:8080/']]),
  ...group(/port 80 /, { allowedPorts: [8080] }, [['a default port that is not allowed', 'http://host.test/']]),
  ...group(/port 443 /, { allowedPorts: [], disallowedPorts: [443] }, [['a disallowed port', 'https://host.test/']]),
  ...group(undefined, { allowedPorts: [] }, [['no rule on ports', 'http://host.test:12345/']]),
  ...group(undefined, { allowedHosts: ['a'], disallowedHosts: ['a'] }, [['an allow-list wins', 'http://a/']]),
  ...group(/host 'b'/, named('a'), [['a host that is not on the allow-list', 'http://b/']]),

  // Lists are compared in one form.
  ...group(/^Sources with host 'evil\.test' are not allowed\.$/, without(' Evil.test. '), [
    ['a disallowed host', 'http://evil.test/'],
    ['in other case', 'http://EVIL.Test/'],
    ['with a final dot', 'http://evil.test./'],
    ['in percent signs', 'http://%65vil.test/'],
    ['in wide letters', 'http://ｅｖｉｌ.test/'],
  ]),
  ...group(/host 'xn--bcher-kva\.test'/, without('bücher.test'), [
    ['a disallowed international name', 'http://bücher.test/'],
    ['and its ASCII form', 'http://xn--bcher-kva.test/'],
  ]),
  ...group(/^Sources with host '/, without('8.8.8.8', '2a00:1450:0::1'), [
    ['a disallowed address', 'http://8.8.8.8/'],
    ['as a mapped address', 'http://[::ffff:8.8.8.8]/'],
    ['through NAT64', 'http://[64:ff9b::808:808]/'],
    ['through 6to4', 'http://[2002:808:808::1]/'],
    ['a disallowed IPv6 address', 'http://[2A00:1450:0:0::0001]/'],
  ]),
  ...group(undefined, loopback, [
    ['a loopback address that is named', 'http://127.0.0.1/'],
    ['and mapped', 'http://[::ffff:127.0.0.1]/'],
  ]),
  ...group(undefined, named('[0:0::1]', 'localhost'), [
    ['a loopback IPv6 address that is named', 'http://[::1]/'],
    ['a loopback name that is named', 'http://localhost/'],
  ]),

  // Addresses that nobody may ask.
  ...group(CLOSED, {}, [
    ['loopback', 'http://127.0.0.1/'],
    ['loopback, elsewhere in its range', 'http://127.9.9.9/'],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data/'],
    ['the metadata service of another cloud', 'http://100.100.100.200/'],
    ['unspecified', 'http://0.0.0.0/'],
    ['unspecified, elsewhere in its range', 'http://0.1.2.3/'],
    ['multicast', 'http://224.0.0.1/'],
    ['broadcast', 'http://255.255.255.255/'],
    ['IPv6 loopback', 'http://[::1]/'],
    ['IPv6 loopback at length', 'http://[0:0:0:0:0:0:0:1]/'],
    ['IPv6 unspecified', 'http://[::]/'],
    ['IPv6 link-local', 'http://[fe80::1]/'],
    ['IPv6 metadata', 'http://[fd00:ec2::254]/'],
    ['IPv6 multicast', 'http://[ff02::1]/'],
    ['mapped', 'http://[::ffff:127.0.0.1]/'],
    ['mapped, in hex', 'http://[::ffff:7f00:1]/'],
    ['mapped metadata', 'http://[::ffff:a9fe:a9fe]/'],
    ['compatible', 'http://[::127.0.0.1]/'],
    ['NAT64', 'http://[64:ff9b::127.0.0.1]/'],
    ['6to4', 'http://[2002:7f00:1::]/'],
    ['Teredo', 'http://[2001:0:808:808::80ff:fffe]/'],
    ['the name of the loopback interface', 'http://localhost/'],
    ['the same with a final dot', 'http://LOCALHOST./'],
    ['a name below it', 'http://app.localhost/'],
  ]),
  ...group(CLOSED, { blockPrivate: true }, [
    ['a private address, when they are blocked', 'http://10.1.2.3/'],
    ['a shared address, when they are blocked', 'http://100.64.0.1/'],
    ['a unique local address, when they are blocked', 'http://[fd12::1]/'],
    ['a mapped private address, when they are blocked', 'http://[::ffff:192.168.0.1]/'],
  ]),
  ...group(undefined, { blockPrivate: true, allowedHosts: ['10.1.2.3'] }, [
    ['a private address that is named, when they are blocked', 'http://10.1.2.3/'],
  ]),

  // Other spellings of addresses, refused even where the address is named.
  ...group(SPELLED, loopback, [
    ['decimal', 'http://2130706433/'],
    ['hex', 'http://0x7f000001/'],
    ['hex in parts', 'http://0x7f.0x0.0x0.0x1/'],
    ['hex and short', 'http://0x7f.1/'],
    ['octal', 'http://017700000001/'],
    ['octal in parts', 'http://0177.0.0.01/'],
    ['short', 'http://127.1/'],
    ['short in three parts', 'http://127.0.1/'],
    ['zeros in front', 'http://127.000.000.001/'],
    ['one number', 'http://1/'],
    ['zero', 'http://0/'],
    ['a final dot', 'http://127.0.0.1./'],
    ['percent signs', 'http://%31%32%37.0.0.1/'],
    ['wide digits', 'http://１２７.0.0.1/'],
    ['circled digits', 'http://①②⑦.⓪.⓪.①/'],
    ['ideographic dots', 'http://127。0。0。1/'],
    ['decimal behind a user', 'http://127.0.0.1@2130706433/'],
  ]),
  ...group(MALFORMED, loopback, [
    ['too many parts', 'http://127.0.0.1.1/'],
    ['a part too large', 'http://127.0.0.256/'],
    ['a number too large', 'http://4294967296/'],
    ['a zone', 'http://[fe80::1%25eth0]/'],
    ['a zone, not escaped', 'http://[fe80::1%eth0]/'],
    ['a short address inside an IPv6 address', 'http://[::ffff:127.1]/'],
    ['an octal address inside an IPv6 address', 'http://[::ffff:0177.0.0.1]/'],
    ['no host', 'http://'],
    ['a path for a host', 'http:///127.0.0.1/'],
    ['a user for a host', 'http://user@/'],
    ['a port for a host', 'http://:80/'],
    ['a dot for a host', 'http://./'],
    ['an empty label', 'http://host..test/'],
    ['two final dots', 'http://host.test../'],
    ['one slash', 'http:/127.0.0.1/'],
    ['no slash', 'http:127.0.0.1'],
    ['a port too large', 'http://user:secret@127.0.0.1:99999/'],
  ]),

  // Who is the host?
  ...group(CLOSED, {}, [
    ['a host as the user', 'http://good.test@127.0.0.1/'],
    ['a host and port as user and password', 'http://good.test:80@127.0.0.1/'],
    ['two users', 'http://a@good.test@127.0.0.1/'],
    ['an escaped slash in the user', 'http://good.test%2F@127.0.0.1/'],
    ['an escaped number sign in the user', 'http://good.test%23@127.0.0.1/'],
  ]),
  ...group(/host 'evil\.test'/, named('good.test'), [
    ['an allowed host as the user', 'http://good.test@evil.test/'],
    ['an allowed host in the path', 'http://evil.test/@good.test'],
    ['an allowed host in the query', 'http://evil.test?@good.test/'],
    ['an allowed host in the fragment', 'http://evil.test#@good.test/'],
  ]),
  ...group(/host 'good\.test\.evil\.test'/, named('good.test'), [
    ['below a foreign name', 'http://good.test.evil.test/'],
  ]),
  ...group(MALFORMED, named('good.test', '127.0.0.1'), [
    ['a backslash for a slash', 'http://127.0.0.1\\@good.test/'],
    ['a backslash behind a user', 'http://good.test\\@127.0.0.1/'],
    ['backslashes for slashes', 'http:\\\\good.test/'],
    ['a tab in the host', 'http://good\t.test/'],
    ['a line end in the host', 'http://127.0.0.1\r\nHost: good.test/'],
    ['a NUL in the host', 'http://good.test\u0000.evil.test/'],
    ['an escaped slash in the host', 'http://127.0.0.1%2F.good.test/'],
  ]),

  // Redirects: the target is judged as if the user had given it, and must not be less safe.
  ...(
    [
      ['a path', '/other', undefined],
      ['a relative path', 'other?x=y', undefined],
      ['another host', 'https://other.test/', undefined],
      ['another host of the same scheme', '//other.test/', undefined],
      ['loopback', 'https://127.0.0.1/', CLOSED],
      ['loopback of the same scheme', '//127.0.0.1/', CLOSED],
      ['loopback in decimal', '//2130706433/', SPELLED],
      ['metadata', 'https://169.254.169.254/latest/', CLOSED],
      ['backslashes', '\\\\127.0.0.1/', MALFORMED],
      ['a slash and a backslash', '/\\127.0.0.1/', MALFORMED],
      ['a scheme without slashes', 'https:other', MALFORMED],
      ['a file', 'file:///etc/passwd', /scheme 'file'/],
      ['plain HTTP', 'http://origin.test/', /scheme 'http' behind one of 'https'/],
      ['another port', 'https://origin.test:8443/', /port 8443/],
    ] as const
  ).map(([title, url, refused]) => ({
    title: `redirect to ${title}`,
    url,
    from: 'https://origin.test/image',
    ...(refused ? { refused } : {}),
  })),
  { title: 'redirect from plain HTTP', url: 'https://origin.test/', from: 'http://origin.test/' },

  // Names: what they resolve to, each time that they do.
  ...resolved(undefined, [
    ['a name with a public address', [['1.1.1.1']]],
    ['a name with a private address, as in Glance', [['10.1.2.3']]],
    ['a named name with a loopback address', [['127.0.0.1']], named('Name.test.')],
    [
      'a named name with a private address, when they are blocked',
      [['10.1.2.3']],
      { ...named('name.test'), blockPrivate: true },
    ],
  ]),
  {
    title: 'a name with open addresses between closed ones',
    url: 'http://name.test/',
    answers: [['127.0.0.1', '1.1.1.1', '::1', '10.1.2.3', '169.254.169.254']],
    given: ['1.1.1.1', '10.1.2.3'],
  },
  ...resolved(CLOSED, [
    ['a name with a loopback address', [['127.0.0.1']]],
    ['a name with a mapped loopback address', [['::ffff:127.0.0.1']]],
    ['a name with a link-local address and a zone', [['fe80::1%eth0']]],
    ['a name with the address of the metadata service', [['169.254.169.254']]],
    ['a name with closed addresses only', [['127.0.0.1', '::1', '0.0.0.0']]],
    ['a name with a private address, when they are blocked', [['10.1.2.3']], { blockPrivate: true }],
    ['a name with a disallowed address', [['8.8.8.8']], without('8.8.8.8')],
    ['a name with a disallowed address, mapped', [['::ffff:8.8.8.8']], without('8.8.8.8')],
    ['rebinding: public at first, then loopback', [['1.1.1.1'], ['127.0.0.1']]],
    ['rebinding: public at first, then metadata', [['1.1.1.1'], ['169.254.169.254']]],
  ]),
];

/** A resolver that answers with each list in turn, and counts. */
export function scripted(answers: readonly (readonly string[])[]) {
  let asked = 0;
  return {
    asked: () => asked,
    resolve: (_host: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void): void => {
      const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
  };
}
