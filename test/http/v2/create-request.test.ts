import test from 'ava';
import { checkDraft, readCreate, refuseForeignOwner } from '../../../src/http/v2/create-request.js';
import { createSchemas } from '../../../src/http/v2/schemas/create-schemas.js';
import { ADMIN, answerOf, FORMATS, MEMBER, parseBody, SCHEMAS } from './codec-fixtures.js';
import { CREATE_ANSWERS } from './create-answers.js';

function create(text: string, schemas = SCHEMAS): string {
  return answerOf(() => checkDraft(readCreate(parseBody(text), schemas)), 201);
}

test('bodies are taken and refused as Glance does', (t) => {
  for (const [body, answer] of CREATE_ANSWERS) t.is(create(body), answer, body);
});

const LONG = 'x'.repeat(256);

/** Where Glance fails or forgets, and texts too long for the table. */
const OUR_ANSWERS: readonly (readonly [body: string, answer: string])[] = [
  ['[]', '400 Request body must be a JSON object of image attributes.'],
  ['[{"name":"x"}]', '400 Request body must be a JSON object of image attributes.'],
  ['{"os_hash_algo":"x"}', "403 Attribute 'os_hash_algo' is read-only."],
  ['{"os_hash_value":null}', "403 Attribute 'os_hash_value' is read-only."],
  [`{"name":"${LONG}"}`, `400 schema: '${LONG}' is too long`],
  [`{"owner":"${LONG}"}`, `400 schema: '${LONG}' is too long`],
  [`{"tags":["${LONG}"]}`, `400 schema: '${LONG}' is too long`],
  [`{"name":"${'é'.repeat(255)}"}`, '201'],
  [`{"${LONG}":"x"}`, '400 Custom property should not be greater than 255 characters.'],
  [`{"${LONG}":"x","deleted":"x"}`, '400 Custom property should not be greater than 255 characters.'],
  [`{"${'k'.repeat(255)}":"x"}`, '201'],
  ['{"min_ram":1e400}', "400 schema: inf is not of type 'integer'"],
  ['{"min_ram":1e300}', "400 'min_ram' value out of range, must not exceed 2147483647."],
  ['{"tags":["a",5],"owner":5}', "400 schema: 5 is not of type 'null', 'string'"],
  ['{"tags":[null],"foo":1}', "400 schema: 1 is not of type 'string'"],
  [`{"foo":${'['.repeat(5000)}${']'.repeat(5000)}}`, "400 schema: [[[[[[[[[...]]]]]]]]] is not of type 'string'"],
  ['{"constructor":"x","toString":"y","hasOwnProperty":"z"}', '201'],
  ['{"constructor":5}', "400 schema: 5 is not of type 'string'"],
  ['{"owner":"\\ud83d\\ude00"}', "400 Owner can't contain 4 byte unicode characters."],
];

test('what Glance fails at is refused in words', (t) => {
  for (const [body, answer] of OUR_ANSWERS) t.is(create(body), answer, body.slice(0, 100));
});

test('a draft says what the body said, and nothing else', (t) => {
  t.deepEqual(readCreate({}, SCHEMAS), { properties: new Map(), status: 'queued' });
  const body = parseBody(`{
    "id": "5B2A6F3E-6C1F-4CEB-8B9C-5A7F0E6B9D10", "name": null, "visibility": "community", "owner": "", "protected": true,
    "os_hidden": false, "disk_format": "raw", "container_format": null, "min_ram": 1.0, "min_disk": 2,
    "tags": ["b", "a", "b"], "foo": "bar", "__proto__": "x", "kernel_id": null
  }`);
  t.deepEqual(readCreate(body, SCHEMAS), {
    id: '5B2A6F3E-6C1F-4CEB-8B9C-5A7F0E6B9D10',
    name: null,
    visibility: 'community',
    owner: null,
    protected: true,
    hidden: false,
    diskFormat: 'raw',
    containerFormat: null,
    minRam: 1,
    minDisk: 2,
    tags: new Set(['b', 'a']),
    properties: new Map([
      ['foo', 'bar'],
      ['__proto__', 'x'],
      ['kernel_id', null],
    ]),
    status: 'queued',
  });
});

test('only an admin makes images for others', (t) => {
  const answer = (body: object, actor = MEMBER) => answerOf(() => refuseForeignOwner(actor, body), 201);
  const refusal = (owner: string) => `403 detail: You are not permitted to create images owned by '${owner}'`;
  t.is(answer({}), '201');
  t.is(answer({ owner: 'pa' }), '201');
  t.is(answer({ owner: 'pb' }), refusal('pb'));
  t.is(answer({ owner: '' }), refusal(''));
  t.is(answer({ owner: null }), refusal('None'));
  for (const owner of ['pb', '', null]) t.is(answer({ owner }, ADMIN), '201');
  t.is(answer({ owner: null }, { ...MEMBER, owner: null, tenant: null }), '201');
});

test('what the operator requires is asked of new images', (t) => {
  const schemas = createSchemas(FORMATS, {
    properties: { os_distro: { type: 'string' }, cores: { type: 'integer', minimum: 1 }, on: { type: 'boolean' } },
    required: ['os_distro', 'cores'],
  });
  t.is(create('{"cores":1}', schemas), "400 schema: 'os_distro' is a required property");
  t.is(create('{"cores":"x"}', schemas), "400 schema: 'os_distro' is a required property");
  t.is(create('{"os_distro":"x","cores":0}', schemas), '400 schema: 0 is less than the minimum of 1');
  t.is(create('{"os_distro":"x","cores":2}', schemas), '201');
  const { properties } = readCreate({ os_distro: 'x', cores: 2, on: false }, schemas);
  t.deepEqual(
    properties,
    new Map([
      ['os_distro', 'x'],
      ['cores', '2'],
      ['on', 'false'],
    ]),
  );
});
