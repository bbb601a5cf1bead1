import type { SeededRandom } from '../random.js';
import { type Family, withBody } from './family.js';
import { NASTY_TEXTS } from './nasty-texts.js';

const DRAFT_4 = 'application/openstack-images-v2.0-json-patch';
const DRAFT_10 = 'application/openstack-images-v2.1-json-patch';
const JSON_TYPE = 'Content-Type: application/json';

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

/** JSON, or nearly, that is the wrong value for nearly every attribute. */
const VALUES: readonly string[] = [
  ...NASTY_TEXTS.map((text) => JSON.stringify(text)),
  'null',
  'true',
  '0',
  '-1',
  '-0',
  '1.5',
  '1e400',
  '-1e308',
  '2147483648',
  '9007199254740993',
  '9'.repeat(5000),
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\u202e\\ufeff"',
  `"${'x'.repeat(70_000)}"`,
  `"${'\\u0001'.repeat(3000)}"`,
  '[]',
  '[[]]',
  '{}',
  '[null]',
  '["a", 1]',
  '["a", "a"]',
  '[{"url": 5, "metadata": []}]',
  '[{"url": "file:///etc/passwd", "metadata": {}}]',
  '[{"url": "http://[", "metadata": {}}]',
  '[{"url": "http://127.0.0.1:1/x", "metadata": {"__proto__": {"x": 1}}}]',
  '[{"url": "", "metadata": {}, "validation_data": {"os_hash_algo": 1}}]',
  '{"__proto__": {"x": 1}}',
  '{"constructor": {"prototype": {}}}',
  `[${'"t",'.repeat(3000)}"t"]`,
  `[${Array.from({ length: 1000 }, (_, n) => `"t${n}"`).join(',')}]`,
  nested('[', ']', 100),
  nested('{"a":', '}', 60).replace(':}', ':0}'),
  nested('[', ']', 100_000),
  'NaN',
  'Infinity',
  '01',
  "'x'",
  '',
];
const NAMES = [
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'os_hidden',
  'owner',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'tags',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'created_at',
  'updated_at',
  'self',
  'file',
  'schema',
  'direct_url',
  'locations',
  'stores',
  'image_id',
  'extra_properties',
  'deleted',
  'os_glance_import_task',
  '__proto__',
  'constructor',
  'toString',
  'property',
  '',
  ' ',
  '\u0000',
  '\ud83d\ude00',
  '\ud800',
  'x'.repeat(300),
];
const BROKEN = [
  '',
  '{',
  '{"name": "x"',
  '{"name": "x"}}',
  '{"name": "x",}',
  '{name: "x"}',
  '[',
  'null',
  '1',
  '"x"',
  '[]',
  '[[]]',
  '[null]',
  '[1, "x"]',
  '[{}]',
  '\ufeff{}',
  '{}\u0000',
  '['.repeat(200_000),
  '{"a":'.repeat(100_000),
  nested('[', ']', 200_000),
  `{"name": "${'x'.repeat(1_100_000)}"}`,
  `{${Array.from({ length: 1000 }, (_, n) => `"p${n}": "v"`).join(',')}}`,
];
const POINTERS = [
  '',
  '/',
  '//',
  'name',
  '/name/',
  '/name/0',
  '/name/first/second',
  '/~',
  '/~2',
  '/~01',
  '/~0~',
  '/tags/0',
  '/tags/-',
  '/locations',
  '/locations/-',
  '/locations/-1',
  '/locations/0',
  '/locations/1e3',
  '/locations/99999999999999999999',
  '/locations/0/url',
  '/locations/x',
  ' /name',
  '/ name ',
  '\u0000',
  '/\u0000',
  '/\ud83d\ude00',
  '/../../etc/passwd',
  '/a/'.repeat(3000),
  `/${'x'.repeat(3000)}`,
];
const OPERATIONS = ['add', 'replace', 'remove', 'move', 'copy', 'test', 'ADD', '', ' add', '__proto__'];

const value = (random: SeededRandom): string => random.pick(VALUES);
const name = (random: SeededRandom): string => JSON.stringify(random.pick(NAMES));
const member = (random: SeededRandom): string => `${name(random)}: ${value(random)}`;
const several = (random: SeededRandom, most: number, make: (random: SeededRandom) => string): string =>
  Array.from({ length: random.integer(1, most) }, () => make(random)).join(', ');

function broken(random: SeededRandom): Buffer {
  return random.pick([
    () => Buffer.from(random.pick(BROKEN)),
    () => random.bytes(random.integer(1, 200)),
    () => Buffer.from([0xff, 0x7b, 0x7d]),
    () => Buffer.concat([Buffer.from('{"name": "'), Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    () => Buffer.from('{"name": "x"}', 'utf16le'),
    () => Buffer.concat([Buffer.from('{"p": "'), random.bytes(40), Buffer.from('"}')]),
  ])();
}

function pointer(random: SeededRandom): string {
  return JSON.stringify(random.integer(0, 2) === 0 ? random.pick(POINTERS) : `/${random.pick(NAMES)}`);
}

/** An operation in the words of either media type, or of neither. */
function operation(random: SeededRandom): string {
  const verb = JSON.stringify(random.pick(OPERATIONS));
  return random.pick([
    () => `{"op": ${verb}, "path": ${pointer(random)}, "value": ${value(random)}}`,
    () => `{"op": ${verb}, "path": ${pointer(random)}}`,
    () => `{"op": ${value(random)}, "path": ${value(random)}, "value": ${value(random)}}`,
    () => `{"op": "add", "op": ${verb}, "path": "/a", "path": ${pointer(random)}, "value": 1, "value": "x"}`,
    () => `{${verb}: ${pointer(random)}, "value": ${value(random)}}`,
    () => `{${verb}: ${value(random)}}`,
    () => `{"add": "/a", "remove": "/a", "value": ${value(random)}}`,
    () => value(random),
  ])();
}

const patchOf = (type: string, id: string, body: Buffer | string): Buffer =>
  withBody(`PATCH /v2/images/${id} HTTP/1.1`, [`Content-Type: ${type}`], body);

/** Requests whose JSON is wrong: as JSON, in its types, or in what it asks for. */
export const V2_JSON: Readonly<Record<string, Family>> = {
  'create: values': (random) => ({
    bytes: withBody('POST /v2/images HTTP/1.1', [JSON_TYPE], `{${several(random, 4, member)}}`),
  }),
  'create: one value': (random) => ({
    bytes: withBody('POST /v2/images HTTP/1.1', [JSON_TYPE], `{"name": "n", ${member(random)}}`),
  }),
  'create: broken': (random) => ({ bytes: withBody('POST /v2/images HTTP/1.1', [JSON_TYPE], broken(random)) }),
  'patch: operations': (random, { spare }) => {
    const body = `[${several(random, 3, operation)}]`;
    return { bytes: patchOf(random.pick([DRAFT_4, DRAFT_10]), spare, body) };
  },
  'patch: values': (random, { spare }) => {
    const verb = random.pick(['add', 'replace', 'remove']);
    const path = JSON.stringify(`/${random.pick(NAMES)}`);
    const [type, start] = random.pick([
      [DRAFT_10, `"op": "${verb}", "path": ${path}`] as const,
      [DRAFT_4, `"${verb}": ${path}`] as const,
    ]);
    return { bytes: patchOf(type, spare, `[{${start}, "value": ${value(random)}}]`) };
  },
  'patch: many': (random, { spare }) => {
    const body = `[${Array.from({ length: 3000 }, (_, n) => `{"add": "/p${n}", "value": "v"}`).join(',')}]`;
    return { bytes: patchOf(DRAFT_4, spare, random.integer(0, 4) === 0 ? body : `[${operation(random)}]`) };
  },
  'patch: broken': (random, { spare }) => ({
    bytes: patchOf(random.pick([DRAFT_4, DRAFT_10]), spare, broken(random)),
  }),
  'patch: type': (random, { spare }) => {
    const type = random.pick([
      '',
      'application/json',
      'application/json-patch+json',
      'application/openstack-images-v2.2-json-patch',
      `${DRAFT_10}; charset=utf-16`,
      `${DRAFT_10.toUpperCase()};;`,
      ';',
      'x'.repeat(2000),
    ]);
    return { bytes: patchOf(type, spare, random.pick(['', '[]', `[${operation(random)}]`])) };
  },
  members: (random, { active, spare }) => {
    const field = random.pick(['member', 'status', '__proto__', 'x']);
    const start = random.pick([
      `POST /v2/images/${random.pick([active, spare, 'none'])}/members`,
      `PUT /v2/images/${active}/members/${random.pick(['t', '%00', '%FF', 'x'.repeat(300)])}`,
    ]);
    const body = random.pick([
      () => `{"${field}": ${value(random)}}`,
      () => `{"${field}": "a", "${field}": ${value(random)}}`,
      () => broken(random),
    ])();
    return { bytes: withBody(`${start} HTTP/1.1`, [JSON_TYPE], body) };
  },
};
