import test from 'ava';
import { parseProperties, writeProperties } from '../../../src/sync/formats/properties-file.js';
import { dice } from '../../support/dice.js';
import { hasJava, javaReads } from './java.js';
import { PROPERTIES_CASES } from './properties-cases.js';
import { randomText } from './random-text.js';
import { refusal } from './refusal.js';

const sorted = (properties: ReadonlyMap<string, string>) => [...properties].sort();

/** Java's own word where Java is; the cases hold it for everybody else. */
const withJava = hasJava() ? test : test.skip;
const JAVA = 'with java (Debian: default-jdk-headless)';

for (const { about, text, expected } of PROPERTIES_CASES) {
  test(`reads as Java does: ${about}`, (t) => {
    t.deepEqual(sorted(parseProperties(text)), Object.entries(expected).sort());
  });
}

withJava(`the cases are what java.util.Properties reads, ${JAVA}`, async (t) => {
  const read = await javaReads(PROPERTIES_CASES.map(({ text }) => text));
  for (const [index, { about, expected }] of PROPERTIES_CASES.entries()) {
    t.deepEqual(read[index], Object.entries(expected).sort(), about);
  }
});

withJava(`random texts, and what is written of random properties, are the same to Java, ${JAVA}`, async (t) => {
  const random = dice(1203);
  const texts = Array.from({ length: 2000 }, () => randomText(random, 30)).filter((text) => !text.startsWith('\ufeff'));
  const read = await javaReads(texts);
  for (const [index, text] of texts.entries()) {
    const ours = readOrNull(text);
    t.deepEqual(ours, read[index], `seed 1203: ${JSON.stringify(text)}`);
  }
  const maps = Array.from({ length: 500 }, () => randomProperties(random.below(2 ** 31)));
  const written = await javaReads(maps.map(writeProperties));
  t.deepEqual(written, maps.map(sorted));
});

function readOrNull(text: string): [string, string][] | null {
  try {
    return sorted(parseProperties(text));
  } catch {
    return null;
  }
}

function randomProperties(seed: number): ReadonlyMap<string, string> {
  const random = dice(seed);
  return new Map(Array.from({ length: random.below(8) }, () => [randomText(random), randomText(random, 20)]));
}

test('what is written reads as the same properties', (t) => {
  for (let seed = 0; seed < 3000; seed++) {
    const properties = randomProperties(seed);
    const text = writeProperties(properties);
    t.regex(text, /^[\n -~]*$/, `seed ${seed}`);
    t.deepEqual(sorted(parseProperties(text)), sorted(properties), `seed ${seed}`);
  }
});

test('the same properties are the same text, whatever their order: sync keys first, each group sorted', (t) => {
  const lines: [string, string][] = [
    ['os_distro', 'debian'],
    ['org.openstack__1__os_distro', 'debian.org'],
    ['org.openstack.sync__1__name', 'Debian 12'],
    ['architecture', 'x86_64'],
    ['org.openstack.sync__1__image', 'debian.qcow2'],
  ];
  const text = [
    'org.openstack.sync__1__image=debian.qcow2',
    'org.openstack.sync__1__name=Debian 12',
    'architecture=x86_64',
    'org.openstack__1__os_distro=debian.org',
    'os_distro=debian',
    '',
  ].join('\n');
  t.is(writeProperties(new Map(lines)), text);
  t.is(writeProperties(new Map(lines.toReversed())), text);
});

test('the forms that are written', (t) => {
  const written = (key: string, value: string) => writeProperties(new Map([[key, value]]));
  t.is(written('', ''), '=\n');
  t.is(written('a b=c:d#e!f\\g', ''), 'a\\ b\\=c\\:d\\#e\\!f\\\\g=\n');
  t.is(written('k', ' a b '), 'k=\\ a b \n');
  t.is(written('k', '=a=b'), 'k=\\=a=b\n');
  t.is(written('k', '#a!b\\c'), 'k=\\#a!b\\\\c\n');
  t.is(written('k', '\ta\r\n\f\u0001\u007f'), 'k=\\ta\\r\\n\\f\\u0001\\u007f\n');
  t.is(written('é', '\u{1f600}'), '\\u00e9=\\ud83d\\ude00\n');
});

test('a byte order mark at the very start is not part of the first key', (t) => {
  t.deepEqual(sorted(parseProperties('\ufeffa=1\n\ufeffb=2')), [
    ['a', '1'],
    ['\ufeffb', '2'],
  ]);
});

test('malformed escapes, NUL and half characters are refused with their line', (t) => {
  const refused = (text: string, message: RegExp) => refusal(t, () => parseProperties(text), 'invalid', message);
  refused('a=1\n\\u12\n', /^line 2: "\\\\u12" is no \\uXXXX escape$/);
  refused('a=\\u', /^line 1: /);
  refused('a=\\u12g4', /^line 1: "\\\\u12g4"/);
  refused('a=\\u+123', /^line 1: /);
  refused('a=\\u 123', /^line 1: /);
  refused('a=1\\\n\\uzzzz\nb=2', /^line 1: /);
  refused('a=1\n\nb\\u0000=2', /^line 3: .* holds a NUL$/);
  refused('a=\0', /^line 1: .* holds a NUL$/);
  refused('a=\\ud83d', /^line 1: .* holds half a character$/);
  refused('a=\\ude00\\ud83d', /^line 1: .* holds half a character$/);
});

test('the limits: one less is read, one more is refused', (t) => {
  const refused = (text: string, message: RegExp) => refusal(t, () => parseProperties(text), 'invalid', message);
  const size = 256 * 1024;
  t.is(parseProperties(`#${'é'.repeat(size / 2 - 1)}\n`).size, 0);
  refused(`#${'é'.repeat(size / 2)}`, /^the file is larger than 262144 bytes$/);

  const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=`).join('\n');
  t.is(parseProperties(keys(512)).size, 512);
  refused(keys(513), /^line 513: there are more than 512 keys$/);

  t.is(parseProperties('\u{1f600}'.repeat(255)).size, 1);
  refused(`\n${'\u{1f600}'.repeat(256)}`, /^line 2: the key ".*…" is longer than 255 characters$/);

  t.is(parseProperties(`k=${'v'.repeat(64 * 1024)}`).get('k')?.length, 64 * 1024);
  refused(`k=${'é'.repeat(32 * 1024)}v`, /^line 1: the value of "k" is larger than 65536 bytes$/);
});

test('what could not be read is not written', (t) => {
  const refused = (properties: [string, string][], message: RegExp) =>
    refusal(t, () => writeProperties(new Map(properties)), 'invalid', message);
  refused([['a\0', '']], /^the property "a\\u0000" holds a NUL$/);
  refused([['k', 'a\ud83d']], /^the property "k" holds half a character$/);
  refused([['k'.repeat(256), '']], /is longer than 255 characters$/);
  refused([['k', 'v'.repeat(64 * 1024 + 1)]], /^the value of "k" is larger than 65536 bytes$/);
  refused([['k', '\u0001'.repeat(50_000)]], /^the properties do not fit into a file of 262144 bytes$/);
  refused(
    Array.from({ length: 513 }, (_, index) => [`k${index}`, '']),
    /^there are more than 512 keys$/,
  );
});
