import test from 'ava';
import type { Image } from '../../../src/domain/image.js';
import { applyPatch, type PatchRights } from '../../../src/http/v2/patch-apply.js';
import { readPatch } from '../../../src/http/v2/patch-request.js';
import { anImage } from '../../support/image-factory.js';
import { answerOf, parseBody, SCHEMAS } from './codec-fixtures.js';
import { DRAFT_4_ANSWERS, DRAFT_10_ANSWERS } from './patch-answers.js';

const DRAFT_4 = 'application/openstack-images-v2.0-json-patch';
const DRAFT_10 = 'application/openstack-images-v2.1-json-patch';
const MEMBER: PatchRights = { isAdmin: false };
const ADMIN: PatchRights = { isAdmin: true };

const IMAGE = anImage({ owner: 'pa', properties: new Map([['foo', 'bar']]), tags: new Set(['t']) });

const patch = (body: object, rights = MEMBER, image = IMAGE) =>
  applyPatch(image, readPatch(DRAFT_10, body, SCHEMAS), rights);

const answer = (body: object, rights = MEMBER, image: Image = IMAGE) => answerOf(() => patch(body, rights, image), 200);

test('patches are taken and refused as Glance does', (t) => {
  for (const [body, expected] of DRAFT_10_ANSWERS) t.is(answer(parseBody(body)), expected, body);
});

test('patches of the older media type, too', (t) => {
  for (const [body, expected] of DRAFT_4_ANSWERS) {
    const work = () => applyPatch(IMAGE, readPatch(DRAFT_4, parseBody(body), SCHEMAS), MEMBER);
    t.is(answerOf(work, 200), expected, body);
  }
});

const one = (op: 'add' | 'replace' | 'remove', path: string, value?: unknown) =>
  op === 'remove' ? [{ op, path }] : [{ op, path, value }];

test('an empty list changes nothing, not even the time of the last change', (t) => {
  t.deepEqual(patch([]), { change: undefined, locations: [] });
});

test('a change that comes to nothing is still written', (t) => {
  const { change } = patch([...one('add', '/a', 'x'), ...one('remove', '/a')]);
  t.deepEqual(change, { properties: { set: new Map([['foo', 'bar']]), purge: true } });
});

test('later operations see what earlier ones did, and the image stays as it was', (t) => {
  const { change } = patch([
    ...one('replace', '/name', 'a'),
    ...one('add', '/name', 'b'),
    ...one('replace', '/tags', ['x', 'y', 'x']),
    ...one('add', '/os_hidden', true),
    ...one('remove', '/foo'),
    ...one('add', '/__proto__', 'p'),
    ...one('replace', '/__proto__', 'q'),
  ]);
  t.deepEqual(change, {
    name: 'b',
    tags: new Set(['x', 'y']),
    hidden: true,
    properties: { set: new Map([['__proto__', 'q']]), purge: true },
  });
  t.deepEqual(IMAGE.properties, new Map([['foo', 'bar']]));
});

test('attributes alone leave the properties alone', (t) => {
  t.deepEqual(patch(one('replace', '/min_disk', 3)).change, { minDisk: 3 });
});

test('properties that only API v1 can make null stay null', (t) => {
  const image = anImage({ properties: new Map([['empty', null]]) });
  const { change } = patch(one('add', '/a', 'x'), MEMBER, image);
  t.deepEqual(
    change?.properties?.set,
    new Map([
      ['empty', null],
      ['a', 'x'],
    ]),
  );
});

test('only an admin gives images away, whatever the operation', (t) => {
  for (const op of ['add', 'replace'] as const) {
    for (const value of ['pb', 'pa', '', null]) {
      const refusal = "403 detail: Owner can't be updated by non admin.";
      t.is(answer(one(op, '/owner', value)), refusal);
      t.deepEqual(patch(one(op, '/owner', value), ADMIN).change, { owner: value === '' ? null : value });
    }
  }
});

test('formats change while nothing is stored', (t) => {
  for (const name of ['disk_format', 'container_format']) {
    for (const status of ['saving', 'uploading', 'active', 'deactivated'] as const) {
      const refusal = `403 Attribute ${name} can be only replaced for a queued image.`;
      t.is(answer(one('replace', `/${name}`, 'ami'), ADMIN, anImage({ status })), refusal);
      t.is(answer(one('add', `/${name}`, null), MEMBER, anImage({ status })), refusal);
    }
    for (const status of ['queued', 'importing'] as const) {
      t.is(answer(one('replace', `/${name}`, 'ami'), MEMBER, anImage({ status })), '200');
    }
  }
});

test('names that Glance trips over are properties like others', (t) => {
  for (const name of ['image_id', 'extra_properties', 'delete', 'member', 'properties']) {
    const { change } = patch(one('add', `/${name}`, 'x'));
    t.is(change?.properties?.set.get(name), 'x');
    t.is(answer(one('remove', `/${name}`)), `409 detail: Property ${name} does not exist.`);
  }
});

test('a name is as short here as it is at the start', (t) => {
  t.is(answer(one('add', `/${'k'.repeat(255)}`, 'x')), '200');
  t.is(
    answer(one('add', `/${'k'.repeat(256)}`, 'x')),
    '400 Custom property should not be greater than 255 characters.',
  );
});

test('operations on locations are handed on in their order', (t) => {
  const location = { url: 'http://127.0.0.1/x', metadata: {} };
  const body = [
    ...one('add', '/locations/-', location),
    ...one('replace', '/name', 'x'),
    ...one('remove', '/locations/0'),
  ];
  t.deepEqual<unknown, unknown>(patch(body), {
    change: { name: 'x' },
    locations: [
      { op: 'add-location', index: '-', location },
      { op: 'remove-location', index: '0' },
    ],
  });
  t.deepEqual(patch(one('remove', '/locations/0')).change, undefined);
});

/** What somebody with one right alone may do to a property that is there, and to one that is not. */
const PROTECTED: readonly (readonly [right: string, op: 'add' | 'replace' | 'remove', name: string, answer: string])[] =
  [
    ['read', 'add', 'foo', "403 Attribute 'foo' is reserved."],
    ['read', 'replace', 'foo', "403 Attribute 'foo' is reserved."],
    ['read', 'remove', 'foo', "403 Attribute 'foo' is reserved."],
    ['read', 'add', 'new', "403 Attribute 'new' is reserved."],
    ['create', 'add', 'new', '200'],
    ['create', 'add', 'foo', "403 Attribute 'foo' is reserved."],
    ['update', 'add', 'foo', "403 Attribute 'foo' is reserved."],
    ['update', 'replace', 'foo', '409 detail: Property foo does not exist.'],
    ['delete', 'remove', 'foo', '409 detail: Property foo does not exist.'],
    ['read update', 'add', 'foo', '200'],
    ['read update', 'replace', 'foo', '200'],
    ['read delete', 'remove', 'foo', '200'],
  ];

test('protected properties', (t) => {
  for (const [rights, op, name, expected] of PROTECTED) {
    const mayProperty: NonNullable<PatchRights['mayProperty']> = (_name, right) => rights.split(' ').includes(right);
    t.is(answer(one(op, `/${name}`, 'x'), { isAdmin: false, mayProperty }), expected, `${rights}: ${op} ${name}`);
  }
});
