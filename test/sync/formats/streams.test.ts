import test from 'ava';
import { documentFormat } from '../../../src/sync/formats/json-document.js';
import { flattenProducts, type StreamsFields, type StreamsItem } from '../../../src/sync/formats/streams.js';
import { assertDownloads, fileOfItem } from '../../../src/sync/formats/streams-file.js';
import { parseIndex, writeIndex } from '../../../src/sync/formats/streams-index.js';
import { parseProducts, writeProducts } from '../../../src/sync/formats/streams-products.js';
import { dice } from '../../support/dice.js';
import { randomText } from './random-text.js';
import { refusal } from './refusal.js';
import {
  LXD_INDEX,
  LXD_PRODUCTS,
  MAAS_PRODUCTS,
  UBUNTU_IDS,
  UBUNTU_INDEX,
  UBUNTU_PRODUCTS,
} from './streams-fixtures.js';

const DOCUMENTS = { UBUNTU_PRODUCTS, UBUNTU_IDS, LXD_PRODUCTS, MAAS_PRODUCTS };
const items = (document: object) => flattenProducts(parseProducts(JSON.stringify(document)));

for (const [name, document] of Object.entries(DOCUMENTS)) {
  test(`products: ${name} is read and written with every key it had`, (t) => {
    const products = parseProducts(JSON.stringify(document));
    t.deepEqual(JSON.parse(writeProducts(products)), document);
    t.deepEqual(parseProducts(writeProducts(products)), products);
  });
}

for (const [name, document] of Object.entries({ UBUNTU_INDEX, LXD_INDEX })) {
  test(`index: ${name} is read and written with every key it had`, (t) => {
    const index = parseIndex(JSON.stringify(document));
    t.deepEqual(JSON.parse(writeIndex(index)), document);
    t.deepEqual(parseIndex(writeIndex(index)), index);
  });
}

test('what a document says that it is: its own key alone counts, wherever it stands', (t) => {
  t.is(documentFormat(JSON.stringify(UBUNTU_INDEX)), 'index:1.0');
  t.is(documentFormat(JSON.stringify(UBUNTU_PRODUCTS)), 'products:1.0');
  for (const json of ['{}', '[]', 'null', '7', '{"format":7}', '{"index":{"format":"index:1.0"}}']) {
    t.is(documentFormat(json), undefined, json);
  }
  refusal(t, () => documentFormat('{'), 'invalid', /^the document is no JSON: /);
});

test('index: what an entry says', (t) => {
  const index = parseIndex(JSON.stringify(UBUNTU_INDEX));
  t.deepEqual(index.updated, new Date('2015-02-24T14:14:24Z'));
  t.deepEqual([...index.entries.keys()], ['com.ubuntu.cloud:released:aws', 'com.ubuntu.cloud:released:download']);
  t.deepEqual(index.entries.get('com.ubuntu.cloud:released:download'), {
    path: 'streams/v1/com.ubuntu.cloud:released:download.json',
    format: 'products:1.0',
    datatype: 'image-downloads',
    updated: new Date('2015-02-24T14:14:24Z'),
    products: ['com.ubuntu.cloud:server:24.04:amd64', 'com.ubuntu.cloud:server:24.04:arm64'],
    fields: {},
  });
  t.deepEqual(index.entries.get('com.ubuntu.cloud:released:aws')?.fields, {
    clouds: [{ endpoint: 'https://ec2.us-east-1.amazonaws.com', region: 'us-east-1' }],
    cloudname: 'aws',
  });
  t.deepEqual(parseIndex(JSON.stringify(LXD_INDEX)).entries.get('images')?.updated, undefined);
});

test('the same document is the same text: keys sorted, a line each, the time as RFC 2822 has it', (t) => {
  const text = writeIndex(parseIndex(JSON.stringify(LXD_INDEX)));
  const lines = [
    '{',
    ' "format": "index:1.0",',
    ' "index": {',
    '  "images": {',
    '   "datatype": "image-downloads",',
    '   "format": "products:1.0",',
    '   "path": "streams/v1/images.json",',
    '   "products": [',
    '    "alpine:3.20:amd64:default"',
    '   ]',
    '  }',
    ' }',
    '}',
    '',
  ];
  t.is(text, lines.join('\n'));
  const updated = new Date('2026-11-01T02:03:04Z');
  t.regex(writeIndex({ updated, fields: {}, entries: new Map() }), /^ "updated": "Sun, 01 Nov 2026 02:03:04 \+0000"$/m);
  t.is(
    writeProducts(parseProducts(JSON.stringify(UBUNTU_PRODUCTS))),
    writeProducts(parseProducts(JSON.stringify(UBUNTU_PRODUCTS, undefined, 7))),
  );
});

test('items inherit from their version, their product and the file, nearest first', (t) => {
  const [disk, lxd, ...others] = items(UBUNTU_PRODUCTS);
  t.deepEqual(others, []);
  t.is(lxd?.item, 'lxd.tar.xz');
  t.deepEqual(disk, {
    product: 'com.ubuntu.cloud:server:24.04:amd64',
    version: '20240423',
    item: 'disk1.img',
    contentId: 'com.ubuntu.cloud:released:download',
    fields: {
      aliases: '24.04,default,lts,n,noble',
      arch: 'amd64',
      content_id: 'com.ubuntu.cloud:released:download',
      datatype: 'image-downloads',
      ftype: 'disk1.img',
      item_name: 'disk1.img',
      label: 'release',
      license: 'http://www.canonical.com/intellectual-property-policy',
      md5: 'a'.repeat(32),
      os: 'ubuntu',
      path: 'server/releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img',
      product_name: 'com.ubuntu.cloud:server:24.04:amd64',
      pubname: 'ubuntu-noble-24.04-amd64-server-20240423',
      release: 'noble',
      release_codename: 'Noble Numbat',
      release_title: '24.04 LTS',
      sha256: 'b'.repeat(64),
      size: 617213952,
      support_eol: '2029-05-31',
      supported: true,
      version: '24.04',
      version_name: '20240423',
    },
  });
  const nearest = (at: readonly string[]) => {
    const says = (level: string) => (at.includes(level) ? { label: level } : {});
    const document = {
      ...{ format: 'products:1.0', content_id: 'c', ...says('file') },
      products: { p: { ...says('product'), versions: { v: { ...says('version'), items: { i: says('item') } } } } },
    };
    return items(document)[0]?.fields.label;
  };
  t.is(nearest(['file', 'product', 'version', 'item']), 'item');
  t.is(nearest(['file', 'product', 'version']), 'version');
  t.is(nearest(['file', 'product']), 'product');
  t.is(nearest(['file']), 'file');
});

test('the file of an item, from Ubuntu and MAAS', (t) => {
  const [disk] = items(UBUNTU_PRODUCTS).map(fileOfItem);
  t.deepEqual(disk, {
    path: 'server/releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img',
    size: 617213952,
    digests: { md5: 'a'.repeat(32), sha256: 'b'.repeat(64) },
    expanded: { digests: {} },
  });
  t.is(items(MAAS_PRODUCTS).map(fileOfItem)[0]?.size, 14981512);
});

/** An item of a file that allows everything. */
const item = (fields: StreamsFields): StreamsItem => ({
  contentId: 'c',
  product: 'p',
  version: 'v',
  item: 'i',
  fields,
});

test('the file of an item of ours', (t) => {
  const fields = {
    path: 'images/debian.qcow2.gz',
    size: 5,
    expanded_size: '9',
    expanded_md5: 'A'.repeat(32),
    expanded_sha512: 'b'.repeat(128),
    virtual_size: 2147483648,
    glance: { disk_format: 'qcow2' },
  };
  t.deepEqual(fileOfItem(item(fields)), {
    path: 'images/debian.qcow2.gz',
    size: 5,
    digests: {},
    expanded: { size: 9, digests: { md5: 'a'.repeat(32), sha512: 'b'.repeat(128) } },
    virtualSize: 2147483648,
  });
});

test('items that are no files, or say nonsense of them', (t) => {
  const refused = (fields: StreamsFields, kind: 'invalid' | 'refused', message: RegExp) =>
    refusal(t, () => fileOfItem(item(fields)), kind, message);
  refused({}, 'invalid', /^there is no path$/);
  refused({ path: '' }, 'invalid', /there is no path$/);
  refused({ path: '../x' }, 'refused', /^the path "\.\.\/x" /);
  refused({ path: 7 }, 'invalid', /^there is no path$/);
  refused({ path: 'a', sha256: 7 }, 'invalid', /^sha256 is not 64 hexadecimal digits$/);
  refused({ path: 'a', size: 1.5 }, 'invalid', /^size: "1\.5" is no integer/);
  refused({ path: 'a', size: {} }, 'invalid', /size: "" is no integer/);
  refused({ path: 'a', size: -1 }, 'invalid', /size: "-1" is no integer/);
  refused({ path: 'a', md5: 'abc' }, 'invalid', /md5 is not 32 hexadecimal digits$/);
  refused({ path: 'a', expanded_sha256: 'abc' }, 'invalid', /expanded_sha256 is not 64 hexadecimal digits$/);
});

test('streams of images that are in clouds already are told from downloads', (t) => {
  const [ami, ...others] = items(UBUNTU_IDS);
  t.is(others.length, 0);
  t.is(ami?.fields.id, 'ami-0123');
  const message =
    /^"com\.ubuntu\.cloud:released:aws" lists images that are in clouds already \("image-ids"\), not images to download$/;
  refusal(t, () => ami && fileOfItem(ami), 'usage', message);
  for (const [contentId, { datatype }] of parseIndex(JSON.stringify(UBUNTU_INDEX)).entries) {
    if (datatype === 'image-ids') refusal(t, () => assertDownloads(contentId, datatype), 'usage', message);
    else t.notThrows(() => assertDownloads(contentId, datatype));
  }
  t.notThrows(() => assertDownloads('c', undefined));
  refusal(
    t,
    () => assertDownloads('c', 'content-download'),
    'usage',
    /^"c" lists something else \("content-download"\)/,
  );
});

const PRODUCTS = { format: 'products:1.0', content_id: 'c' };
const withItem = (fields: object) => ({ ...PRODUCTS, products: { p: { versions: { v: { items: { i: fields } } } } } });

test('products that the format does not allow', (t) => {
  const refused = (document: unknown, message: RegExp, kind: 'invalid' | 'refused' = 'invalid') =>
    refusal(t, () => parseProducts(typeof document === 'string' ? document : JSON.stringify(document)), kind, message);
  refused('', /^the document is no JSON: "Unexpected end of JSON input"$/);
  refused('<html>\u001b[1m', /^the document is no JSON: ".*"$/);
  refused('[]', /^the document must be object$/);
  refused('null', /^the document must be object$/);
  refused({}, /^the document must have required property 'format'$/);
  refused({ ...PRODUCTS, products: {}, format: 'products:2.0' }, /^"\/format" must be equal to constant$/);
  refused({ format: 'products:1.0', products: {} }, /must have required property 'content_id'$/);
  refused({ ...PRODUCTS, products: { p: 1 } }, /^"\/products\/p" must be object$/);
  refused({ ...PRODUCTS, products: { p: {} } }, /^"\/products\/p" must have required property 'versions'$/);
  refused({ ...PRODUCTS, products: { p: { versions: { v: {} } } } }, /must have required property 'items'$/);
  refused(
    { ...PRODUCTS, products: { p: { versions: { v: { items: [] } } } } },
    /^"\/products\/p\/versions\/v\/items" must be object$/,
  );
  refused({ ...PRODUCTS, products: {}, updated: 'soon' }, /^updated: "soon" is no time$/);
  refused({ ...PRODUCTS, products: {}, updated: 7 }, /^"\/updated" must be string$/);
  refused(withItem({ size: -1 }), /items\/i\/size" must be >= 0$/);
  refused(withItem({ size: 'big' }), /items\/i\/size" must match pattern/);
  refused(withItem({ sha256: 'x' }), /items\/i\/sha256" must match pattern/);
  refused(withItem({ path: 7 }), /items\/i\/path" must be string$/);
  for (const path of ['/etc/passwd', '../x', 'a/../x', 'http://evil.example/x', 'a\\b', '']) {
    refused(withItem({ path }), /^"p": "v": "i": the path ".*" /, 'refused');
  }
});

test('an index that the format does not allow', (t) => {
  const refused = (document: object, message: RegExp, kind: 'invalid' | 'refused' = 'invalid') =>
    refusal(t, () => parseIndex(JSON.stringify(document)), kind, message);
  refused(UBUNTU_PRODUCTS, /^the document must have required property 'index'$/);
  refused({ format: 'index:1.1', index: {} }, /^"\/format" must be equal to constant$/);
  refused({ format: 'index:1.0', index: { c: {} } }, /^"\/index\/c" must have required property 'path'$/);
  refused(
    { format: 'index:1.0', index: { c: { path: 'a', products: 'p' } } },
    /^"\/index\/c\/products" must be array$/,
  );
  refused({ format: 'index:1.0', index: { c: { path: '../a' } } }, /^"c": the path "\.\.\/a" /, 'refused');
  refused({ format: 'index:1.0', index: { c: { path: 'a', updated: 'x' } } }, /^"c": updated: "x" is no time$/);
});

test('an unsafe path is not written', (t) => {
  const entry = { path: '/a', format: 'products:1.0', products: [], fields: {} };
  refusal(t, () => writeIndex({ fields: {}, entries: new Map([['c', entry]]) }), 'refused', /is absolute$/);
  const items = new Map([['i', { path: 'a/..' }]]);
  const product = { fields: {}, versions: new Map([['v', { fields: {}, items }]]) };
  const unsafe = { contentId: 'c', fields: {}, products: new Map([['p', product]]) };
  refusal(t, () => writeProducts(unsafe), 'refused', /climbs$/);
});

test('a clearsigned document is read; cut or with more text it is refused', (t) => {
  const signed = [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA512',
    '',
    ...JSON.stringify(LXD_INDEX, undefined, 1).split('\n'),
    '-----BEGIN PGP SIGNATURE-----',
    '',
    'iQIzBAEBCgAdFiEE',
    '-----END PGP SIGNATURE-----',
    '',
  ].join('\n');
  t.deepEqual(parseIndex(signed), parseIndex(JSON.stringify(LXD_INDEX)));
  t.deepEqual(parseIndex(signed.replaceAll('\n', '\r\n')), parseIndex(JSON.stringify(LXD_INDEX)));
  refusal(t, () => parseIndex(signed.slice(0, -40)), 'signature', /is cut short$/);
  refusal(t, () => parseIndex(`${signed}{}`), 'signature', /goes on behind its signature$/);
});

test('documents made to fill the memory are refused', (t) => {
  refusal(
    t,
    () => parseIndex(`"${'é'.repeat(16 * 1024 * 1024)}"`),
    'invalid',
    /^the document is larger than 33554432 bytes$/,
  );
  const head = '-----BEGIN PGP SIGNED MESSAGE-----\n\n';
  refusal(t, () => parseIndex(head + '\n'.repeat(2_000_001)), 'signature', /has more than 2000000 lines$/);
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, {}]));
  const wide = { ...PRODUCTS, products: { p: { ...many(1000), versions: { v: { items: many(5001) } } } } };
  refusal(t, () => items(wide), 'invalid', /^the items have more than 5000000 keys$/);
  const empty = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [index, { items: {} }]));
  const hollow = { ...PRODUCTS, products: { p: { ...many(1000), versions: empty(5001) } } };
  refusal(t, () => items(hollow), 'invalid', /^the items have more than 5000000 keys$/);
  t.is(items({ ...wide, products: { p: { versions: { v: { items: many(5001) } } } } }).length, 5001);
});

test('names of any kind are kept', (t) => {
  for (let seed = 0; seed < 500; seed++) {
    const random = dice(seed);
    const name = () => randomText(random).toWellFormed();
    const document = {
      ...PRODUCTS,
      products: {
        [name()]: {
          [`x${name()}`]: name(),
          versions: { [name()]: { items: { [name()]: { [`y${name()}`]: name() } } } },
        },
      },
    };
    t.deepEqual(JSON.parse(writeProducts(parseProducts(JSON.stringify(document)))), document, `seed ${seed}`);
  }
});
