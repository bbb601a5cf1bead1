import test from 'ava';
import { parseChecksumFile, writeChecksumFile } from '../../../src/sync/formats/checksum-file.js';
import { refusal } from './refusal.js';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SHA256B = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
const SHA512 = `cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce${'47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e'}`;

const read = (text: string) => {
  const { algorithm, entries } = parseChecksumFile(text);
  return [algorithm, ...entries.map(({ path, digest, binary }) => `${digest}${binary ? '*' : ' '}${path}`)];
};
const refused =
  (text: string, message: RegExp, kind: 'invalid' | 'refused' = 'invalid') =>
  (t: Parameters<typeof refusal>[0]) =>
    refusal(t, () => parseChecksumFile(text), kind, message);

test('Ubuntu: SHA256SUMS with the binary mark', (t) => {
  const text = [
    `${SHA256} *noble-server-cloudimg-amd64.img`,
    `${SHA256B} *noble-server-cloudimg-amd64.squashfs.manifest`,
    '',
  ].join('\n');
  t.deepEqual(read(text), [
    'sha256',
    `${SHA256}*noble-server-cloudimg-amd64.img`,
    `${SHA256B}*noble-server-cloudimg-amd64.squashfs.manifest`,
  ]);
});

test('Debian: SHA512SUMS with two spaces', (t) => {
  t.deepEqual(read(`${SHA512}  debian-12-generic-amd64.qcow2\n`), [
    'sha512',
    `${SHA512} debian-12-generic-amd64.qcow2`,
  ]);
});

test('the length of the digest picks the algorithm', (t) => {
  for (const [algorithm, digest] of Object.entries({ md5: MD5, sha1: SHA1, sha256: SHA256, sha512: SHA512 })) {
    t.deepEqual(read(`${digest}  a/b.properties`), [algorithm, `${digest} a/b.properties`]);
  }
});

test('Rocky, AlmaLinux, CentOS Stream: CHECKSUM with tags and the sizes as comments', (t) => {
  const text = [
    '# Rocky-9-GenericCloud-Base-9.4-20240509.0.x86_64.qcow2: 609812480 bytes',
    `SHA256 (Rocky-9-GenericCloud-Base-9.4-20240509.0.x86_64.qcow2) = ${SHA256}`,
    '# Rocky-9-GenericCloud-Base.latest.x86_64.qcow2: 609812480 bytes',
    `SHA256 (Rocky-9-GenericCloud-Base.latest.x86_64.qcow2) = ${SHA256.toUpperCase()}`,
    '',
  ].join('\n');
  t.deepEqual(read(text), [
    'sha256',
    `${SHA256} Rocky-9-GenericCloud-Base-9.4-20240509.0.x86_64.qcow2`,
    `${SHA256} Rocky-9-GenericCloud-Base.latest.x86_64.qcow2`,
  ]);
});

test('the tags of all algorithms, and names with brackets', (t) => {
  t.deepEqual(read(`MD5 (a (1) = b.img) = ${MD5}`), ['md5', `${MD5} a (1) = b.img`]);
  t.deepEqual(read(`SHA1 (a) = ${SHA1}`), ['sha1', `${SHA1} a`]);
  t.deepEqual(read(`SHA512 (a) = ${SHA512}`), ['sha512', `${SHA512} a`]);
  t.deepEqual(read(`SHA512(a)= ${SHA512}`), ['sha512', `${SHA512} a`]);
  t.deepEqual(read(`BLAKE2b (a) = ${SHA512}`), ['blake2b', `${SHA512} a`]);
});

test('Fedora: a clearsigned CHECKSUM, dashes unescaped; only what is signed counts', (t) => {
  const text = [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA256',
    '',
    '# Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2: 491716608 bytes',
    `SHA256 (Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2) = ${SHA256}`,
    `- -${''}`,
    '-----BEGIN PGP SIGNATURE-----',
    '',
    'iQIzBAEBCAAdFiEERmx88m05pzrLsp9N6fR+FukSmvUFAmca',
    '=abcd',
    '-----END PGP SIGNATURE-----',
    '',
  ];
  refusal(t, () => read(text.join('\n')), 'invalid', /^line 3 is no line of a checksum file: "-"$/);
  text.splice(5, 1, `- ${SHA256B}  -dash.img`, '', '   ');
  const expected = ['sha256', `${SHA256} Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`, `${SHA256B} -dash.img`];
  t.deepEqual(read(text.join('\n')), expected);
  t.deepEqual(read(text.join('\r\n')), expected);
});

test('text around a signed message, or in its armour, is refused: no signature covers it', (t) => {
  const signed = (body: string) =>
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${body}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
  const good = signed(`${MD5}  a  \t`);
  t.deepEqual(read(`\ufeff${good}\n \n`), ['md5', `${MD5} a`]);
  const broken = (text: string, message: RegExp) => refusal(t, () => parseChecksumFile(text), 'signature', message);
  broken(`${good}${MD5}  evil\n`, /goes on behind its signature$/);
  broken(good + good, /goes on behind its signature$/);
  broken(good.replace('Hash: SHA512', `${MD5}  evil`), /has another header than Hash in line 2$/);
  broken(signed(`-${MD5}  a`), /has a bare dash in line 4$/);
  broken(good.slice(0, good.indexOf('-----END')), /is cut short$/);
  broken('-----BEGIN PGP SIGNED MESSAGE-----\n', /is cut short$/);
  broken(good.replace('a', 'a\r'), /holds carriage returns or zeros$/);
  refused(`${MD5}  evil\n${good}`, /^line 2 is no line of a checksum file: "-----BEGIN PGP/)(t);
  refused(`\n${good}`, /^line 2 is no line of a checksum file: "-----BEGIN PGP/)(t);
  refused(`${MD5}  a\n-----BEGIN PGP SIGNATURE-----\n`, /^line 2 is no line of a checksum file/)(t);
});

test('comments, blank lines, CRLF, a byte order mark, no newline at the end', (t) => {
  t.deepEqual(read(`\ufeff# made by\r\n\r\n${MD5}  a\r\n \t\r\n#${MD5}  b\r\n${MD5} *c`), [
    'md5',
    `${MD5} a`,
    `${MD5}*c`,
  ]);
});

test('leading ./ falls away; one space or a tab before the name is enough', (t) => {
  t.deepEqual(read(`${MD5}  ./a/b\n${MD5} *././c\n${MD5} d\n${MD5}\te`), [
    'md5',
    `${MD5} a/b`,
    `${MD5}*c`,
    `${MD5} d`,
    `${MD5} e`,
  ]);
});

test('names keep their spaces, marks and characters beyond ASCII', (t) => {
  t.deepEqual(read(`${MD5}  a b  c \n${MD5}   d\n${MD5}  *e\n${MD5}  é/日本.img`), [
    'md5',
    `${MD5} a b  c `,
    `${MD5}  d`,
    `${MD5} *e`,
    `${MD5} é/日本.img`,
  ]);
});

test('escaped lines: names are unescaped before they are judged', (t) => {
  t.deepEqual(read(`\\${MD5}  a`), ['md5', `${MD5} a`]);
  refused(`\\${MD5}  a\\\\b`, /^the path "a\\\\b" has a backslash$/, 'refused')(t);
  refused(`\\${MD5} *a\\nb`, /^the path "a\\nb" has a control character$/, 'refused')(t);
  refused(`\\SHA256 (a\\rb) = ${SHA256}`, /^the path "a\\rb" has a control character$/, 'refused')(t);
  refused(`\\${MD5}  a\\tb`, /^line 1 is no line of a checksum file/)(t);
  refused(`\\${MD5}  a\\`, /^line 1 is no line of a checksum file/)(t);
  refused(`${MD5}  a\\nb`, /^the path "a\\\\nb" has a backslash$/, 'refused')(t);
});

const HOSTILE: readonly (readonly [path: string, reason: RegExp])[] = [
  ['/etc/passwd', /is absolute$/],
  ['../x', /climbs$/],
  ['a/../../x', /climbs$/],
  ['a/..', /climbs$/],
  ['..', /climbs$/],
  ['a/./b', /climbs$/],
  ['%2e%2e/x', /climbs$/],
  ['a/.%2E/x', /climbs$/],
  ['a//b', /empty segment$/],
  ['a/', /empty segment$/],
  ['.//etc/passwd', /is absolute$|empty segment$/],
  ['a\\b', /backslash$/],
  ['..\\x', /backslash$/],
  ['http://evil.example/x', /scheme$/],
  ['file:x', /scheme$/],
  ['C:x', /scheme$/],
  ['javascript:alert(1)', /scheme$/],
  ['a\u0000b', /control character$/],
  ['a\u001b[31mb', /control character$/],
  ['a\u007f', /control character$/],
  ['a\u0085b', /control character$/],
  ['a%2fb', /hides a separator/],
  ['a%5Cb', /hides a separator/],
  ['a%00b', /hides a separator/],
  ['é'.repeat(513), /longer than 1024 bytes$/],
  ['a\ud800', /not well-formed/],
];

for (const [path, reason] of HOSTILE) {
  test(`refuses the path ${JSON.stringify(path).slice(0, 40)}`, (t) => {
    for (const text of [`${SHA256}  ${path}`, `SHA256 (${path}) = ${SHA256}`, `${SHA256} *ok\n${SHA256} *${path}\n`]) {
      refused(text, reason, 'refused')(t);
    }
    refusal(t, () => writeChecksumFile([{ path, digest: MD5, binary: false }]), 'refused', reason);
  });
}

test('a path in a message is quoted and cut: it cannot forge lines of a log', (t) => {
  refused(
    `${MD5}  \u001b]0;\u009b\u202e${'x'.repeat(2000)}/..`,
    /^the path "\\u001b\]0;\\u009b\\u202ex+…" is longer than/,
    'refused',
  )(t);
});

test('what is no checksum file is refused: pages, digests of other lengths, other algorithms', (t) => {
  refused('<!DOCTYPE html>\n<html>', /^line 1 is no line of a checksum file: "<!DOCTYPE html>"$/)(t);
  refused(`${MD5}  a\nnot found\n`, /^line 2 is no line/)(t);
  refused(`${MD5}00  a`, /^line 1 is no line/)(t);
  refused(`${'a'.repeat(96)}  a`, /^line 1 is no line/)(t);
  refused(`${MD5.replace('d', 'g')}  a`, /^line 1 is no line/)(t);
  for (const end of ['', ' ', '  ', ' *', '\t']) refused(`${MD5}${end}`, /^line 1 is no line/)(t);
  refused(`SHA256 (a) = ${MD5}`, /^line 1 is no line/)(t);
  refused(`SHA256 (a) = ${SHA256} `, /^line 1 is no line/)(t);
  refused(`BLAKE2b-256 (a) = ${SHA256}`, /^line 1 is no line/)(t);
  refused(`SHA3-256 (a) = ${SHA256}`, /^line 1 is no line/)(t);
  refused(`SHA256 () = ${SHA256}`, /^the path "" is empty$/, 'refused')(t);
  refused(` ${MD5}  a`, /^line 1 is no line/)(t);
});

test('a list of nothing is refused: a mirror must not take a cut file for an empty repository', (t) => {
  for (const text of ['', '\n', '# nothing here\n', '\r\n\r\n']) refused(text, /^the list names no file$/)(t);
});

test('a path twice: the same digest is one entry, two digests are refused', (t) => {
  t.deepEqual(read(`${SHA256} *a\n${SHA256}  ./a\n`), ['sha256', `${SHA256}*a`]);
  refused(`${SHA256} *a\n${SHA256B}  a\n`, /^line 2: "a" has two different digests$/)(t);
});

test('of several algorithms the strongest counts, where every path has it', (t) => {
  t.deepEqual(read(`MD5 (a) = ${MD5}\nSHA256 (a) = ${SHA256}\nSHA1 (a) = ${SHA1}\n`), ['sha256', `${SHA256} a`]);
  refused(`${SHA256}  a\n${MD5}  b\n`, /^"b" has no sha256 digest although other files have one$/)(t);
});

test('the limits: one less is read, one more is refused', (t) => {
  const line = (index: number) => `${MD5}  ${index}\n`;
  const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index)).join('');
  t.is(parseChecksumFile(lines(100_000)).entries.length, 100_000);
  refused(lines(100_001), /^the list has more than 100000 lines$/)(t);
  refused('\n'.repeat(100_001), /^the list has more than 100000 lines$/)(t);

  const size = 16 * 1024 * 1024;
  t.is(parseChecksumFile(`${line(1)}#${'é'.repeat((size - 38) / 2)}`).entries.length, 1);
  refused(`${line(1)}#${'é'.repeat(size / 2)}`, /^the list is larger than 16777216 bytes$/)(t);

  const longest = `${'d/'.repeat(500)}${'n'.repeat(24)}`;
  t.is(parseChecksumFile(`${MD5}  ${longest}`).entries[0]?.path, longest);
  refused(`${MD5}  ${longest}n`, /longer than 1024 bytes$/, 'refused')(t);
  refused(`${MD5}  ${'n'.repeat(5000)}`, /^line 1 is no line of a checksum file: "d41d.*…"$/)(t);
});

test('writes sidecars first, each group sorted, two spaces, and reads the same', (t) => {
  const entries = [
    'images/b.qcow2.gz',
    'images/b.properties',
    'repo/1.json',
    'images/a.qcow2',
    'images/a.properties',
  ].map((path, index) => ({ path, digest: String(index).repeat(32), binary: false }));
  const text = [
    `${'4'.repeat(32)}  images/a.properties`,
    `${'1'.repeat(32)}  images/b.properties`,
    `${'3'.repeat(32)}  images/a.qcow2`,
    `${'0'.repeat(32)}  images/b.qcow2.gz`,
    `${'2'.repeat(32)}  repo/1.json`,
    '',
  ].join('\n');
  t.is(writeChecksumFile(entries), text);
  t.is(writeChecksumFile(entries.toReversed().map((entry) => ({ ...entry, binary: true }))), text);
  t.deepEqual(
    [...parseChecksumFile(text).entries].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    entries,
  );
});

test('what could not be read is not written', (t) => {
  const entry = (path: string, digest: string) => ({ path, digest, binary: false });
  const write =
    (...entries: readonly ReturnType<typeof entry>[]) =>
    () =>
      writeChecksumFile(entries);
  refusal(t, write(entry('a', MD5), entry('b', SHA1)), 'invalid', /is no digest of the list's algorithm$/);
  refusal(t, write(entry('a', MD5.toUpperCase())), 'invalid', /is no digest of the list's algorithm$/);
  refusal(t, write(entry('a', 'abc')), 'invalid', /^"abc" is no digest/);
  refusal(t, write(entry('a', MD5), entry('a', MD5)), 'invalid', /^"a" is listed twice$/);
  refusal(t, write(entry('./a', MD5)), 'refused', /climbs$/);
});
