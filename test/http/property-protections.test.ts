import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ServerUnderTest } from '../support/server.js';
import { checkAnswer } from '../support/v1-answer.js';
import { imagesOf, type V1Answer, type V1Client } from '../support/v1-client.js';
import { useFolder, useServer } from '../support/v1-server.js';

const grant = (name: string, create: string, read: string, update: string, remove: string) =>
  `[${name}]\ncreate = ${create}\nread = ${read}\nupdate = ${update}\ndelete = ${remove}\n`;

const RULES = [
  grant('^x_open$', '@', '@', '@', '@'),
  grant('^x_hidden$', 'admin', 'admin', 'admin', 'admin'),
  grant('^X_Upper$', 'admin', 'admin', 'admin', 'admin'),
  grant('^x_shown$', 'admin', 'admin,Member', 'admin', 'admin'),
  grant('^x_once$', 'admin,member', '@', '!', '!'),
  grant('(?i)^x_upper$', '@', '@', '@', '@'),
  grant('^billed_k$', 'admin', '@', 'admin', 'admin'),
  grant('(?i)^(billed|x_open)', '@', '@', '@', '@'),
].join('\n');

const folder = useFolder({ 'protect.conf': RULES });
const { admin } = useServer({ DEFAULT: { property_protection_file: join(folder, 'protect.conf') } });
const member = admin.as('u:t:member');
const EVERYTHING = { x_open: '1', x_hidden: '2', x_shown: '3', x_once: '4' };
const SHOWN = { x_open: '1', x_shown: '3', x_once: '4' };

const asHeaders = (properties: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [`x-image-meta-property-${name}`, value]));
const KEEP = { 'x-glance-registry-purge-props': 'false' };

/** An image of the member's tenant with a property of each kind. */
async function image(data?: string): Promise<string> {
  const { id } = await admin.create({ ...asHeaders(EVERYTHING), 'x-image-meta-owner': 't' }, data);
  return id;
}

function shownHeaders({ headers }: V1Answer): Record<string, string> {
  const prefix = 'x-image-meta-property-';
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

function custom(answer: V1Answer): Record<string, unknown> {
  const fields: Record<string, unknown> = JSON.parse(answer.text);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => /^x_/i.test(name)));
}

function patch(client: V1Client, id: string, ...operations: readonly object[]): Promise<V1Answer> {
  const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch', accept: 'text/plain' };
  return client.send('PATCH', `/v2/images/${id}`, { headers, body: JSON.stringify(operations) });
}

test('v1: no answer shows what may not be read', async (t) => {
  const id = await image('data');
  t.deepEqual(shownHeaders(await member.send('HEAD', `/v1/images/${id}`)), SHOWN);
  t.deepEqual(shownHeaders(await member.send('GET', `/v1/images/${id}`)), SHOWN);
  t.deepEqual(shownHeaders(await admin.send('HEAD', `/v1/images/${id}`)), EVERYTHING);
  const listed = imagesOf(await member.send('GET', '/v1/images/detail?limit=1000')).find((each) => each.id === id);
  t.deepEqual(listed?.properties, SHOWN);
  checkAnswer(t, await member.send('PUT', `/v1/images/${id}`, { headers: KEEP }), {
    status: 200,
    image: { properties: SHOWN },
  });
});

test('v1: a property must be creatable, and must match a section', async (t) => {
  for (const name of ['x_hidden', 'x_shown', 'other']) {
    const answer = await member.send('POST', '/v1/images', { headers: asHeaders({ x_open: '1', [name]: '' }) });
    checkAnswer(t, answer, { status: 403, explains: `Property '${name}' is protected` });
  }
  const other = await admin.send('POST', '/v1/images', { headers: asHeaders({ other: '1' }) });
  checkAnswer(t, other, { status: 403, explains: "Property 'other' is protected" });
  t.deepEqual((await member.create(asHeaders({ X_OPEN: '1', x_once: '2' }))).properties, { x_open: '1', x_once: '2' });
});

const UPDATES: readonly (readonly [title: string, headers: Readonly<Record<string, string>>, refused?: string])[] = [
  ['an allowed change', { ...KEEP, ...asHeaders({ x_open: '9' }) }],
  ['the same value', { ...KEEP, ...asHeaders({ x_once: '4', x_shown: '3' }) }],
  ['another value', { ...KEEP, ...asHeaders({ x_once: '5' }) }, 'x_once'],
  ['no value', { ...KEEP, ...asHeaders({ x_shown: '' }) }, 'x_shown'],
  ['what is hidden, even with its value', { ...KEEP, ...asHeaders({ x_hidden: '2' }) }, 'x_hidden'],
  ['what matches no section', { ...KEEP, ...asHeaders({ other: '1' }) }, 'other'],
  ['a purge of what may not be deleted', asHeaders({ x_shown: '3' }), 'x_once'],
  ['a purge of what may be deleted or is hidden', asHeaders({ x_shown: '3', x_once: '4' })],
];

for (const [title, headers, refused] of UPDATES) {
  test(`v1: an update with ${title}`, async (t) => {
    const id = await image();
    const answer = await member.send('PUT', `/v1/images/${id}`, { headers });
    checkAnswer(t, answer, refused ? { status: 403, explains: `Property '${refused}' is protected` } : { status: 200 });
    const after = shownHeaders(await admin.send('HEAD', `/v1/images/${id}`));
    t.is(after.x_hidden, '2');
    if (refused) t.deepEqual(after, EVERYTHING);
    else if (!('x-glance-registry-purge-props' in headers)) t.is(after.x_open, undefined);
  });
}

test('v1: a name that v2 wrote in upper case is judged in both cases', async (t) => {
  const made = await admin.send('POST', '/v2/images', { json: { X_Upper: '1', owner: 't' } });
  t.is(made.status, 201, made.text);
  const { id }: { id: string } = JSON.parse(made.text);
  t.deepEqual(shownHeaders(await member.send('HEAD', `/v1/images/${id}`)), {});
  t.deepEqual(shownHeaders(await admin.send('HEAD', `/v1/images/${id}`)), { x_upper: '1' });
});

test('v2: no answer shows what may not be read', async (t) => {
  const id = await image();
  t.deepEqual(custom(await member.send('GET', `/v2/images/${id}`)), SHOWN);
  t.deepEqual(custom(await admin.send('GET', `/v2/images/${id}`)), EVERYTHING);
  t.deepEqual(custom(await patch(member, id)), SHOWN);
  const list: { images: { id: string }[] } = JSON.parse((await member.send('GET', '/v2/images?limit=1000')).text);
  const listed: Readonly<Record<string, unknown>> = { ...list.images.find((each) => each.id === id) };
  t.is(listed.x_shown, '3');
  t.false('x_hidden' in listed);
});

test('v2: a property must be creatable, and must match a section', async (t) => {
  for (const name of ['x_hidden', 'x_shown', 'other', 'x_hidden\n']) {
    const request = { json: { x_open: '1', [name]: '1' }, headers: { accept: 'text/plain' } };
    const answer = await member.send('POST', '/v2/images', request);
    checkAnswer(t, answer, { status: 403, explains: `Attribute '${name}' is reserved.` });
  }
});

const PATCHES: readonly (readonly [title: string, operation: object, status: number, text?: string])[] = [
  ['an allowed change', { op: 'replace', path: '/x_open', value: '9' }, 200],
  ['an allowed removal', { op: 'remove', path: '/x_open' }, 200],
  ['another value', { op: 'replace', path: '/x_once', value: '5' }, 403, "Attribute 'x_once' is reserved."],
  ['a removal', { op: 'remove', path: '/x_shown' }, 403, "Attribute 'x_shown' is reserved."],
  ['what is hidden', { op: 'replace', path: '/x_hidden', value: '5' }, 409, 'Property x_hidden does not exist.'],
  ['a removal of what is hidden', { op: 'remove', path: '/x_hidden' }, 409, 'Property x_hidden does not exist.'],
  [
    'an addition over what is hidden',
    { op: 'add', path: '/x_hidden', value: '' },
    403,
    "Attribute 'x_hidden' is reserved.",
  ],
  ['what matches no section', { op: 'add', path: '/other', value: '1' }, 403, "Attribute 'other' is reserved."],
];

for (const [title, operation, status, text] of PATCHES) {
  test(`v2: a patch with ${title}`, async (t) => {
    const id = await image();
    const answer = await patch(member, id, { op: 'add', path: '/x_open', value: '8' }, operation);
    t.is(answer.status, status, answer.text);
    if (text !== undefined) t.true(answer.text.includes(text), answer.text);
    const after = custom(await admin.send('GET', `/v2/images/${id}`));
    if (status === 200) t.not(after.x_open, '1');
    t.deepEqual({ ...after, x_open: '1' }, EVERYTHING);
    if (status !== 200) t.is(after.x_open, '1');
  });
}

const UNUSABLE: readonly (readonly [what: string, text: string | undefined, format: string, said: RegExp])[] = [
  ['missing', undefined, 'roles', /property_protection_file: there is no file .*bad\.conf/],
  ['without a right', '[x]\ncreate = @\n', 'roles', /bad\.conf: section \[x\] has no read, update, delete/],
  ['contradicting itself', grant('x', '@,!', '', '', ''), 'roles', /bad\.conf: \[x\] create = "@,!"/],
  [
    'with a bad expression',
    grant('x(', '@', '@', '@', '@'),
    'roles',
    /bad\.conf: \[x\(\]: the expression is no regular/,
  ],
  [
    'with two policies',
    grant('x', 'a,b', '', '', ''),
    'policies',
    /bad\.conf: \[x\] create = "a,b": must name one policy/,
  ],
];

for (const [what, text, format, said] of UNUSABLE) {
  test.serial(`the server does not start with a file ${what}`, async (t) => {
    const file = join(folder, `${UNUSABLE.findIndex(([each]) => each === what)}-bad.conf`);
    if (text !== undefined) writeFileSync(file, text);
    const options = { property_protection_file: file, property_protection_rule_format: format };
    const error = await t.throwsAsync(ServerUnderTest.start({ DEFAULT: options }));
    t.regex(error?.message ?? '', said);
  });
}

test('v2: who may not make images at all is told that, whatever its properties', async (t) => {
  const headers = { 'content-type': 'application/json', accept: 'text/plain' };
  const answer = await admin.as('u:t:reader').send('POST', '/v2/images', { headers, body: '{"x_hidden": "1"}' });
  t.is(answer.status, 403);
  t.regex(answer.text, /You are not authorized to complete add_image action\./);
});

test('what API v2 names otherwise does not pass for a protected property in API v1', async (t) => {
  const { id } = await member.create(asHeaders({ x_once: 'own' }));
  const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
  // Other cases, a hyphen, and a sign whose lower case is the k of ASCII.
  for (const [name, value] of Object.entries({ X_OPEN: '1', BILLED_k: '2', 'billed-k': '3', 'billed_\u212a': '4' })) {
    const body = JSON.stringify([{ op: 'add', path: `/${name}`, value }]);
    t.is((await member.send('PATCH', `/v2/images/${id}`, { headers, body })).status, 200, name);
  }
  for (const client of [member, admin]) {
    t.deepEqual(shownHeaders(await client.send('HEAD', `/v1/images/${id}`)), { x_once: 'own', x_open: '1' });
  }
});
