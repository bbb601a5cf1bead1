import test, { type ExecutionContext } from 'ava';
import { parseChecksumFile, writeChecksumFile } from '../../../src/sync/formats/checksum-file.js';
import { exportCommon, importCommon } from '../../../src/sync/formats/common-properties.js';
import { parseProperties, writeProperties } from '../../../src/sync/formats/properties-file.js';
import { parseRepositoryInfo, writeRepositoryInfo } from '../../../src/sync/formats/repository-info.js';
import { flattenProducts } from '../../../src/sync/formats/streams.js';
import { fileOfItem } from '../../../src/sync/formats/streams-file.js';
import { parseIndex, writeIndex } from '../../../src/sync/formats/streams-index.js';
import { parseProducts, writeProducts } from '../../../src/sync/formats/streams-products.js';
import { parseSyncEntry, writeSyncEntry } from '../../../src/sync/formats/sync-entry.js';
import { isSyncError } from '../../../src/sync/sync-error.js';
import { type Dice, dice } from '../../support/dice.js';
import { PROPERTIES_CASES } from './properties-cases.js';
import { randomText } from './random-text.js';
import { LXD_INDEX, LXD_PRODUCTS, MAAS_PRODUCTS, UBUNTU_INDEX, UBUNTU_PRODUCTS } from './streams-fixtures.js';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const ARMOUR = [
  '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n',
  '\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n',
] as const;
const armoured = (text: string) => ARMOUR.join(text);

const ENTRY = [
  '# an image',
  'org.openstack.sync__1__name=Debian 12 \\u00e9',
  'org.openstack.sync__1__image=debian.qcow2.gz',
  'org.openstack.sync__1__expand=gzip',
  'org.openstack.sync__1__size=448790528',
  `org.openstack.sync__1__checksum=${MD5}`,
  `org.openstack.sync__1__compressed_sha256=${SHA256}`,
  'org.openstack.sync__1__tags=os:debian,a%2Cb,%',
  'org.openstack.sync__1__set=all, stable',
  'org.openstack.sync__1__derived=org.openstack__1__architecture',
  'org.openstack.sync__1__property__name=a \\',
  '    name',
  'org.openstack__1__architecture=x64',
  'org.openstack__1__os_distro : debian.org',
  'org.openstack__1__updated_at 20261120',
  'disk_format=qcow2',
  'is_public=True',
  'min_disk=8',
].join('\n');

const LISTS = [
  `${MD5}  images/a.properties\n${MD5} *images/a.qcow2\n\\${MD5}  b\n`,
  `# a: 5 bytes\nSHA256 (a (1)) = ${SHA256}\r\nSHA256 (b) = ${SHA256}\r\n`,
  armoured(`${SHA256} *./a\n- ${SHA256}  -b`),
];

/** What one format's texts are read by, and what must hold of those that can be read. */
interface Format {
  readonly name: string;
  readonly texts: readonly string[];
  /** Reads, and checks what was read by writing it and reading that. */
  readonly read: (t: ExecutionContext, text: string) => void;
}

const FORMATS: readonly Format[] = [
  {
    name: '.properties',
    texts: [ENTRY, ...PROPERTIES_CASES.map(({ text }) => text)],
    read(t, text) {
      const properties = parseProperties(text);
      t.deepEqual([...parseProperties(writeProperties(properties))].sort(), [...properties].sort());
      for (const added of [importCommon(properties), exportCommon(properties)]) {
        t.true([...added.keys()].every((key) => !properties.has(key)));
      }
    },
  },
  {
    name: 'entry',
    texts: [ENTRY],
    read(t, text) {
      const { warnings: _warnings, ...entry } = parseSyncEntry(text, 'images/a.properties');
      const sorted = (list: readonly string[]) => [...new Set(list)].sort();
      const again = parseSyncEntry(writeSyncEntry(entry), 'x.properties');
      t.deepEqual(
        { ...again, properties: [...again.properties].sort() },
        {
          ...entry,
          warnings: [],
          ...{ tags: sorted(entry.tags), sets: sorted(entry.sets), derived: sorted(entry.derived) },
          attributes: new Map([...entry.attributes].sort()),
          properties: [...entry.properties].sort(),
        },
      );
    },
  },
  {
    name: 'checksum file',
    texts: LISTS,
    read(t, text) {
      const { entries, algorithm } = parseChecksumFile(text);
      if (algorithm === 'blake2b') return;
      const plain = (list: typeof entries) => list.map(({ path, digest }) => `${path} ${digest}`).sort();
      t.deepEqual(plain(parseChecksumFile(writeChecksumFile(entries)).entries), plain(entries));
    },
  },
  {
    name: 'index',
    texts: [UBUNTU_INDEX, LXD_INDEX].flatMap((document) => [
      JSON.stringify(document),
      armoured(JSON.stringify(document, null, 1)),
    ]),
    read(t, text) {
      const written = writeIndex(parseIndex(text));
      t.is(writeIndex(parseIndex(written)), written);
    },
  },
  {
    name: 'products',
    texts: [UBUNTU_PRODUCTS, LXD_PRODUCTS, MAAS_PRODUCTS].map((document) => JSON.stringify(document)),
    read(t, text) {
      const products = parseProducts(text);
      const written = writeProducts(products);
      t.is(writeProducts(parseProducts(written)), written);
      flattenProducts(products).map(fileOfItem);
    },
  },
  {
    name: 'repo.json',
    texts: [
      writeRepositoryInfo({
        ...{
          generation: 7,
          updated: new Date(0),
          expires: new Date(1e12),
          publisher: 'é',
          keys: ['AB'],
          sets: ['all'],
        },
      }),
    ],
    read(t, text) {
      const info = parseRepositoryInfo(text);
      t.deepEqual(parseRepositoryInfo(writeRepositoryInfo(info)), info);
    },
  },
];

const PIECES = ['../', '-----', '": ', '{}', '\0', '\ud800', '1e999', '\\u', MD5, '__proto__', ') = ', '  *', '[[[['];

/** One change that a broken disk, a careless person or an attacker could make. */
function mutated(random: Dice, text: string, others: readonly string[]): string {
  const start = random.below(text.length + 1);
  const end = start + random.below(Math.min(40, text.length - start + 1));
  const [before, part, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  const other = random.pick(others);
  return random.pick([
    () => before + after,
    () => before,
    () => before + part.repeat(random.below(50)) + after,
    () => before + random.pick(PIECES) + after,
    () => before + randomText(random, 4) + after,
    () => before + String.fromCharCode(random.below(random.chance(0.5) ? 128 : 65536)) + after.slice(1),
    () => before + [...part].reverse().join('') + after,
    () => before + other.slice(random.below(other.length + 1)),
  ])();
}

for (const { name, texts, read } of FORMATS) {
  test(`${name}: whatever is done to a file, it is read or refused`, (t) => {
    let refused = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const random = dice(seed);
      let text = random.pick(texts);
      for (let times = 1 + random.below(3); times > 0; times--) text = mutated(random, text, texts);
      try {
        read(t, text);
      } catch (error) {
        if (!isSyncError(error)) throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause: error });
        refused += 1;
        t.regex(error.message, /^[^\p{Cc}]+$/u, `seed ${seed}`);
      }
    }
    t.true(refused > 100 && refused < 1990, `${refused} of 2000 were refused`);
  });
}

/** As long as they may be, and made to be read over and over; a reader that took the square of their length would outlast the test's time many times. */
const LONG = 128 * 1024;
const PATTERNS = [
  '\\',
  ' ',
  '\t',
  '=',
  ':',
  '\\\n',
  '\\\n ',
  '\n',
  '\r',
  '\r\n',
  '#',
  '\\u0041',
  'a',
  '%',
  '%41',
  ',',
  ') = ',
  '(',
  './',
  '../',
  '/',
  '-',
  '- ',
  '{',
  '[',
  '"',
  '\\"',
  '0',
  'é',
];

for (const { name, read } of FORMATS) {
  test(`${name}: long runs of one thing are read or refused at once`, (t) => {
    const heads = ['', 'a=', 'org.openstack.sync__1__tags=', `${MD5}  `, 'SHA256 (', '{"format":"', ARMOUR[0]];
    for (const pattern of PATTERNS) {
      for (const head of heads) {
        for (const tail of ['', 'x', `x${ARMOUR[1]}`]) {
          const text = (head + pattern.repeat(LONG / pattern.length)).slice(0, LONG - tail.length) + tail;
          try {
            read(t, text);
          } catch (error) {
            if (!isSyncError(error)) throw new Error(JSON.stringify([head, pattern, tail]), { cause: error });
          }
        }
      }
    }
    t.pass();
  });
}
