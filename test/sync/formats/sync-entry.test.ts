import test from 'ava';
import { parseProperties } from '../../../src/sync/formats/properties-file.js';
import { parseSyncEntry, type SyncEntry, writeSyncEntry } from '../../../src/sync/formats/sync-entry.js';
import { type Dice, dice } from '../../support/dice.js';
import { randomText } from './random-text.js';
import { refusal } from './refusal.js';

const S = 'org.openstack.sync__1__';
const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SHA512 = SHA256 + SHA256;

/** Lines of a file; those that begin with a dot are control keys. */
const file = (...lines: readonly string[]) => lines.map((line) => line.replace(/^\./, S)).join('\n');
const read = (...lines: readonly string[]) => parseSyncEntry(file(...lines), 'images/debian.properties');

const EMPTY = {
  name: 'debian',
  image: 'debian.image',
  expand: 'none',
  expanded: {},
  stored: { digests: {} },
  sets: [],
  tags: [],
  protected: false,
  derived: [],
  attributes: new Map(),
  properties: new Map(),
  warnings: [],
} as const;

test('the file of 2012: the example of the mail', (t) => {
  const entry = parseSyncEntry(
    file(
      '.image=debian_squeeze_20120425.qcow2.gz',
      '.expand=gzip',
      '.size=448790528',
      `.checksum=${MD5.toUpperCase()}`,
      'disk_format=qcow2',
      'container_format=bare',
      'is_public=True',
      'org.openstack__1__os_distro=debian.org',
      'org.openstack__1__os_version=6.0.4',
      'org.openstack__1__architecture=x64',
      'org.openstack__1__updated_at=20120425',
    ),
    'debian_squeeze_20120425.properties',
  );
  t.deepEqual(entry, {
    ...EMPTY,
    name: 'debian_squeeze_20120425',
    image: 'debian_squeeze_20120425.qcow2.gz',
    expand: 'gzip',
    size: 448790528,
    expanded: { md5: MD5 },
    attributes: new Map([
      ['disk_format', 'qcow2'],
      ['container_format', 'bare'],
      ['is_public', 'True'],
    ]),
    properties: new Map([
      ['org.openstack__1__os_distro', 'debian.org'],
      ['org.openstack__1__os_version', '6.0.4'],
      ['org.openstack__1__architecture', 'x64'],
      ['org.openstack__1__updated_at', '20120425'],
    ]),
  });
});

test('all keys of ours', (t) => {
  const entry = read(
    '.name=Debian 12',
    '.image=https://cdn.example/d.qcow2.zst',
    '.expand=zstd',
    '.size=9007199254740991',
    `.checksum=${MD5}`,
    `.sha256=${SHA256}`,
    `.sha512=${SHA512}`,
    '.compressed_size=0',
    `.compressed_md5=${MD5}`,
    `.compressed_sha256=${SHA256.toUpperCase()}`,
    `.compressed_sha512=${SHA512}`,
    '.virtual_size=2147483648',
    '.set=all, stable',
    '.version=20261120.1',
    '.replaces=Debian 12 (20261101)',
    '.min_client=1',
    '.tags=os:debian,a%2Cb, c ,,%20d,%',
    '.protected=yes',
    '.hidden=True',
    '.derived=org.openstack__1__architecture',
    '.property__name=a property named name',
    'min_disk=08',
    'min_ram=512',
    'org.openstack__1__architecture=x64',
    'architecture=x86_64',
  );
  t.deepEqual(entry, {
    ...EMPTY,
    name: 'Debian 12',
    image: 'https://cdn.example/d.qcow2.zst',
    expand: 'zstd',
    size: Number.MAX_SAFE_INTEGER,
    expanded: { md5: MD5, sha256: SHA256, sha512: SHA512 },
    stored: { size: 0, digests: { md5: MD5, sha256: SHA256, sha512: SHA512 } },
    virtualSize: 2147483648,
    sets: ['all', 'stable'],
    version: '20261120.1',
    replaces: 'Debian 12 (20261101)',
    tags: ['os:debian', 'a,b', 'c', ' d', ''],
    protected: true,
    hidden: true,
    derived: ['org.openstack__1__architecture'],
    attributes: new Map([
      ['min_disk', '8'],
      ['min_ram', '512'],
    ]),
    properties: new Map([
      ['architecture', 'x86_64'],
      ['name', 'a property named name'],
    ]),
  });
});

test('without an image it is the neighbour of the file; without a name it is the image up to the first dot', (t) => {
  const names = (text: string, fileName: string) => {
    const { name, image } = parseSyncEntry(text, fileName);
    return [name, image];
  };
  t.deepEqual(names('', 'a/b/debian.12.properties'), ['debian', 'debian.12.image']);
  t.deepEqual(names('', 'a b?c:d#é.properties'), ['a b?c:d#é', 'a%20b%3Fc%3Ad%23%C3%A9.image']);
  t.deepEqual(names('', 'odd.properties.txt'), ['odd', 'odd.properties.txt.image']);
  const name = (image: string) => parseSyncEntry(file(`.image=${image}`), 'x.properties').name;
  t.is(name('debian_squeeze_20120425.qcow2.gz'), 'debian_squeeze_20120425');
  t.is(name('../data/ubuntu.img'), 'ubuntu');
  t.is(name('/pool/fedora'), 'fedora');
  t.is(name('https\\://mirror.example/pool/arch%20linux.img?v=1.2/x#a.b'), 'arch linux');
  t.is(name('bad%zz.img'), 'bad%zz');
  refusal(t, () => name('.hidden.img'), 'invalid', /^x\.properties: there is no name, and "\.hidden\.img" gives none$/);
  refusal(t, () => name('pool/'), 'invalid', /gives none$/);
  refusal(t, () => parseSyncEntry('', '.properties'), 'invalid', /gives none$/);
});

test('a name is what the control key says, then the attribute, as it is written', (t) => {
  t.is(read('.name= Debian  12 \\u00e9\\ud83d\\ude00\\n').name, 'Debian  12 é\u{1f600}\n');
  t.is(read('name=Attribute').name, 'Attribute');
  t.is(read('name=Attribute', '.name=Key').name, 'Key');
  t.is(read('.name=').name, 'debian');
  t.is(read('.name=', 'name=Attribute').name, 'Attribute');
  t.is(read('.name= ', 'name=Attribute').name, 'Attribute');
  t.deepEqual(read('name=Attribute').properties, new Map());
});

test('control keys without a value are as good as none', (t) => {
  const keys = [
    'image',
    'size',
    'expand',
    'checksum',
    'sha256',
    'compressed_size',
    'virtual_size',
    'version',
    'set',
    'tags',
  ];
  t.deepEqual(read(...keys.map((key) => `.${key}= `)), EMPTY);
  t.deepEqual(read('disk_format=', 'min_disk= '), EMPTY);
});

test('what counts as true', (t) => {
  const isPublic = (word: string) => read(`is_public=${word}`).attributes.get('is_public');
  for (const word of ['True', 'true', 'TRUE', '1', 'yes', 'y', 'on', 't', ' Yes ']) t.is(isPublic(word), 'True', word);
  for (const word of ['False', 'no', '0', 'off', 'public', '2', 'None']) t.is(isPublic(word), 'False', word);
  t.true(read('.protected=1').protected);
  t.false(read('.protected=maybe').protected);
});

test('unknown control keys of any version are warned of and never properties', (t) => {
  const entry = read(
    '.colour=blue',
    'org.openstack.sync__2__name=x',
    'org.openstack.sync__=y',
    'org.openstack.syncx=z',
  );
  t.deepEqual(entry.warnings, [
    'unknown sync property "org.openstack.sync__1__colour"',
    'unknown sync property "org.openstack.sync__2__name"',
    'unknown sync property "org.openstack.sync__"',
  ]);
  t.deepEqual(entry.properties, new Map([['org.openstack.syncx', 'z']]));
});

test("what is the registry's to say is ignored with a warning", (t) => {
  const keys = [
    'id',
    'owner',
    'status',
    'size',
    'checksum',
    'visibility',
    'protected',
    'os_hidden',
    'tags',
    'location',
  ];
  const entry = read(...keys.map((key) => `${key}=1`));
  t.deepEqual(entry, { ...EMPTY, warnings: keys.map((key) => `${key} is not for a mirror to say: ignored`) });
});

test('internal properties are neither taken nor written', (t) => {
  const internal = ['os_glance_import_task', 'os_glance', 'owner_specified.openstack.md5', 'locations', 'stores'];
  const entry = read(
    ...internal.map((name) => `${name}=1`),
    '.property__os_glance_x=1',
    'os_glanc=1',
    'owner_specified.x=1',
  );
  t.deepEqual(
    entry.properties,
    new Map([
      ['os_glanc', '1'],
      ['owner_specified.x', '1'],
    ]),
  );
  t.is(entry.warnings.length, 6);
  t.is(entry.warnings[0], 'the property "os_glance_import_task" is an installation\'s own: ignored');
  const text = writeSyncEntry({ ...entry, properties: new Map(internal.map((name) => [name, '1'])) });
  t.deepEqual([...parseProperties(text).keys()], [`${S}image`, `${S}name`]);
});

test('values that are none are refused by file and key', (t) => {
  const refused = (line: string, message: RegExp) => refusal(t, () => read(line), 'invalid', message);
  refused(
    '.expand=gz',
    /^images\/debian\.properties: org\.openstack\.sync__1__expand: "gz" is none of none, gzip, bzip2, xz, zstd$/,
  );
  refused('.expand=GZIP', /__expand: "GZIP" is none of/);
  refused('.size=-1', /__size: "-1" is no integer from 0 to 9007199254740991$/);
  refused('.size=1e3', /__size: "1e3" is no integer/);
  refused('.size=9007199254740992', /__size: /);
  refused('.size=99999999999999999999', /__size: /);
  refused('.compressed_size=1.5', /__compressed_size: /);
  refused('.virtual_size=0x10', /__virtual_size: /);
  refused('.checksum=abc', /__checksum is not 32 hexadecimal digits$/);
  refused(`.sha256=${MD5}`, /__sha256 is not 64 hexadecimal digits$/);
  refused(`.compressed_sha512=${'g'.repeat(128)}`, /__compressed_sha512 is not 128 hexadecimal digits$/);
  refused('.image=http://[', /__image: "http:\/\/\[" is no reference of a file$/);
  refused('.image=a\\nb', /__image: "a\\nb" is no reference of a file$/);
  refused('.image=..\\\\..\\\\x', /__image: .* is no reference of a file$/);
  refused('.version=1\\n2', /__version: "1\\n2" is no single line of at most 255 characters$/);
  refused('.tags=a%ff', /__tags: "a%ff" has percent escapes that are no UTF-8$/);
  refused('min_disk=-1', /debian\.properties: min_disk: "-1" is no integer from 0 to 2147483647$/);
  refused('min_ram=2147483648', /min_ram: /);
  refused('disk_format=qc\\now2', /debian\.properties: disk_format: "qc\\now2" is no single line/);
});

test('the file of appendix A.1, as the publisher writes it', (t) => {
  const entry = {
    ...EMPTY,
    name: 'Debian 12',
    image: 'debian-12-generic-amd64.qcow2.gz',
    expand: 'gzip',
    size: 448790528,
    expanded: { md5: MD5, sha512: SHA512 },
    stored: { size: 331922133, digests: { sha256: SHA256 } },
    version: '20261120',
    sets: ['stable', 'all'],
    tags: ['b', 'a', 'b'],
    attributes: new Map([
      ['disk_format', 'qcow2'],
      ['container_format', 'bare'],
      ['is_public', 'yes'],
      ['min_disk', '8'],
      ['min_ram', '512'],
    ]),
    properties: new Map([
      ['os_distro', 'debian'],
      ['hw_disk_bus', 'scsi'],
    ]),
  } as const;
  t.is(
    writeSyncEntry(entry),
    `${file(
      `.checksum=${MD5}`,
      `.compressed_sha256=${SHA256}`,
      '.compressed_size=331922133',
      '.expand=gzip',
      '.image=debian-12-generic-amd64.qcow2.gz',
      '.name=Debian 12',
      '.set=all,stable',
      `.sha512=${SHA512}`,
      '.size=448790528',
      '.tags=a,b',
      '.version=20261120',
      'container_format=bare',
      'disk_format=qcow2',
      'hw_disk_bus=scsi',
      'is_public=True',
      'min_disk=8',
      'min_ram=512',
      'os_distro=debian',
    )}\n`,
  );
});

test('an entry with nothing to say is two lines', (t) => {
  t.is(writeSyncEntry(EMPTY), `${file('.image=debian.image', '.name=debian')}\n`);
});

test('an image without a name is published without one, and named by its file', (t) => {
  const text = writeSyncEntry({ ...EMPTY, name: '', image: 'image.qcow2.gz' });
  t.is(text, `${file('.image=image.qcow2.gz')}\n`);
  t.is(parseSyncEntry(text, 'x.properties').name, 'image');
});

test('properties with the names of attributes or control keys travel in a form that the reader undoes', (t) => {
  const names = [
    'name',
    'disk_format',
    'is_public',
    'min_ram',
    'owner',
    'id',
    'visibility',
    'location',
    'tags',
    `${S}name`,
    `${S}x`,
  ];
  const properties = new Map([...names, 'a b=c', 'é', ''].map((name) => [name, `the ${name}`]));
  const text = writeSyncEntry({ ...EMPTY, properties });
  for (const name of names) t.is(parseProperties(text).get(`${S}property__${name}`), `the ${name}`);
  t.is(parseProperties(text).get('a b=c'), 'the a b=c');
  const entry = parseSyncEntry(text, 'x.properties');
  t.deepEqual([...entry.properties].sort(), [...properties].sort());
  t.deepEqual([entry.name, entry.warnings], ['debian', []]);
});

test('what could not be read is not written', (t) => {
  const refused = (change: Partial<SyncEntry>, message: RegExp) =>
    refusal(t, () => writeSyncEntry({ ...EMPTY, ...change }), 'invalid', message);
  refused({ size: -1 }, /__size: "-1" is no integer/);
  refused({ size: 2 ** 53 }, /__size: "9007199254740992" is no integer/);
  refused({ virtualSize: 1.5 }, /__virtual_size: /);
  refused({ stored: { size: Number.NaN, digests: {} } }, /__compressed_size: /);
  refused({ expanded: { md5: 'x' } }, /__checksum is not 32/);
  refused({ stored: { digests: { sha1: MD5 } } }, /__compressed_sha1 is not 40/);
  refused({ attributes: new Map([['owner', 'me']]) }, /^"owner" is no attribute that a mirror may give$/);
  refused({ attributes: new Map([['min_disk', 'much']]) }, /^min_disk: "much" is no integer/);
  refused({ name: 'a\0' }, /^the property "org\.openstack\.sync__1__name" holds a NUL$/);
  refused({ tags: ['\ud800'] }, /holds half a character$/);
  refused({ properties: new Map([['k', 'v'.repeat(65_537)]]) }, /^the value of "k" is larger than 65536 bytes$/);
  refused({ properties: new Map([[`${S}${'k'.repeat(220)}`, '']]) }, /is longer than 255 characters$/);
});

function randomEntry(random: Dice): Omit<SyncEntry, 'warnings'> {
  const text = () => randomText(random);
  const bytes = () => random.below(2 ** 53);
  const maybe = <T extends object>(value: T): T | Record<string, never> => (random.chance(0.5) ? value : {});
  const hex = (digits: number) => Array.from({ length: digits }, () => random.below(16).toString(16)).join('');
  const digests = () => ({ ...maybe({ md5: hex(32) }), ...maybe({ sha1: hex(40) }), ...maybe({ sha512: hex(128) }) });
  const words = () => [...new Set(Array.from({ length: random.below(4) }, text))].sort();
  const names = [
    'name',
    'owner',
    'min_disk',
    `${S}size`,
    `${S}property__x`,
    'org.openstack__1__a',
    'constructor',
    '__proto__',
  ];
  return {
    name: `n${text()}`,
    image: random.pick(['a.img', '../b/c.qcow2.gz', '/abs', 'https://h.example/x%20y?z#f', 'é']),
    expand: random.pick(['none', 'gzip', 'bzip2', 'xz', 'zstd']),
    ...maybe({ size: bytes() }),
    expanded: digests(),
    stored: { ...maybe({ size: bytes() }), digests: digests() },
    ...maybe({ virtualSize: bytes() }),
    ...maybe({ version: random.pick(['20261120', '20261120.1', 'v 1=é']) }),
    sets: words(),
    ...maybe({ replaces: text() }),
    tags: words(),
    protected: random.chance(0.5),
    derived: [],
    attributes: new Map(
      random.chance(0.5)
        ? [
            ['is_public', 'True'],
            ['min_ram', String(random.below(2 ** 31))],
          ]
        : [],
    ),
    properties: new Map(
      Array.from({ length: random.below(6) }, () => [random.chance(0.3) ? random.pick(names) : `p${text()}`, text()]),
    ),
  };
}

test('what is written reads as the same entry', (t) => {
  for (let seed = 0; seed < 3000; seed++) {
    const entry = randomEntry(dice(seed));
    const { properties, attributes, ...rest } = parseSyncEntry(writeSyncEntry(entry), 'x.properties');
    t.deepEqual(
      { ...rest, properties: [...properties].sort(), attributes: [...attributes].sort() },
      { ...entry, warnings: [], properties: [...entry.properties].sort(), attributes: [...entry.attributes].sort() },
      `seed ${seed}`,
    );
  }
});

test('derived keys are written, and left out by the reader', (t) => {
  const properties = new Map([
    ['architecture', 'x86_64'],
    ['org.openstack__1__architecture', 'x64'],
  ]);
  const text = writeSyncEntry({ ...EMPTY, properties, derived: ['org.openstack__1__architecture'] });
  t.is(parseProperties(text).get('org.openstack__1__architecture'), 'x64');
  const entry = parseSyncEntry(text, 'x.properties');
  t.deepEqual(entry.properties, new Map([['architecture', 'x86_64']]));
  t.deepEqual(entry.derived, ['org.openstack__1__architecture']);
});
