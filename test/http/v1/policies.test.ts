import test from 'ava';
import { checkAnswer } from '../../support/v1-answer.js';
import { FORMATS, OCTETS, type V1Client, type V1Request } from '../../support/v1-client.js';
import { useServer, writePolicy } from '../../support/v1-server.js';

const server = useServer({}, { policy: {} });
const { admin } = server;
const DENIED = { status: 403, details: '' };

type Call = readonly [method: string, path: string, request?: V1Request];
const COPY = { 'x-glance-api-copy-from': 'http://host/i', 'x-image-meta-size': '4' };
const data = { headers: { ...FORMATS, ...OCTETS }, body: 'data' };

/** Requests that a rule decides on; ID is an image of the tenant, with data, QUEUED one without. */
const RULES: Readonly<Record<string, readonly Call[]>> = {
  get_images: [
    ['GET', '/v1/images'],
    ['GET', '/v1/images/detail'],
  ],
  get_image: [
    ['GET', '/v1/images/ID'],
    ['HEAD', '/v1/images/ID'],
    ['GET', '/v1/images/missing'],
  ],
  download_image: [
    ['GET', '/v1/images/ID'],
    ['GET', '/v1/images/missing'],
  ],
  add_image: [['POST', '/v1/images']],
  upload_image: [
    ['POST', '/v1/images', data],
    ['POST', '/v1/images', { headers: COPY }],
    ['PUT', '/v1/images/QUEUED', data],
  ],
  copy_from: [
    ['POST', '/v1/images', { headers: COPY }],
    ['PUT', '/v1/images/QUEUED', { headers: COPY }],
  ],
  publicize_image: [
    ['POST', '/v1/images', { headers: { 'x-image-meta-is_public': 'True' } }],
    ['PUT', '/v1/images/ID', { headers: { 'x-image-meta-is_public': 'True' } }],
  ],
  set_image_location: [
    ['POST', '/v1/images', { headers: { 'x-image-meta-location': 'http://host/i' } }],
    ['PUT', '/v1/images/QUEUED', { headers: { 'x-image-meta-location': 'http://host/i' } }],
  ],
  modify_image: [
    ['PUT', '/v1/images/ID'],
    ['PUT', '/v1/images/missing'],
  ],
  delete_image: [
    ['DELETE', '/v1/images/ID'],
    ['DELETE', '/v1/images/missing'],
  ],
  get_members: [['GET', '/v1/images/ID/members']],
  modify_member: [
    ['PUT', '/v1/images/ID/members/t'],
    ['PUT', '/v1/images/ID/members', { json: { memberships: [] } }],
  ],
  delete_member: [['DELETE', '/v1/images/ID/members/t']],
};

/** What must work although the rule denies. */
const FREE: Readonly<Record<string, readonly Call[]>> = {
  download_image: [['HEAD', '/v1/images/ID']],
  add_image: [['PUT', '/v1/images/ID']],
  upload_image: [['POST', '/v1/images']],
  publicize_image: [['PUT', '/v1/images/ID', { headers: { 'x-image-meta-is_public': 'False' } }]],
  modify_image: [['GET', '/v1/images/ID']],
  get_images: [['GET', '/v1/shared-images/x']],
};

test.serial('every rule denies what it is there for, with an answer that says nothing else', async (t) => {
  const user: V1Client = admin.as('u:policies:member');
  const { id } = await user.create({}, 'data');
  const queued = (await user.create(FORMATS)).id;
  const send = ([method, path, request]: Call) =>
    user.send(method, path.replace('ID', id).replace('QUEUED', queued), request);
  for (const [rule, calls] of Object.entries(RULES)) {
    writePolicy(server.running, { [rule]: 'role:admin' });
    for (const call of calls) {
      const answer = await send(call);
      t.is(answer.status, 403, `${rule}: ${call.join(' ')}`);
      if (call[0] !== 'HEAD') checkAnswer(t, answer, DENIED);
    }
    for (const call of FREE[rule] ?? []) {
      const { status } = await send(call);
      t.true(status >= 200 && status < 300, `${rule}: ${call.join(' ')} is ${status}`);
    }
  }
  writePolicy(server.running, {});
  t.is(await user.statusOf(id), 'active');
});

test.serial('the roles decide, not who is an admin', async (t) => {
  writePolicy(server.running, { get_images: '!' });
  checkAnswer(t, await admin.send('GET', '/v1/images'), DENIED);
  writePolicy(server.running, { get_images: 'role:member or role:auditor' });
  t.is((await admin.as('u:t:auditor').send('GET', '/v1/images')).status, 200);
  checkAnswer(t, await admin.send('GET', '/v1/images'), DENIED);
  writePolicy(server.running, {});
});

test.serial('a changed file counts at once, for better and for worse', async (t) => {
  for (const [rule, status] of [
    ['!', 403],
    ['@', 200],
    ['role:nobody', 403],
    ['', 200],
  ] as const) {
    writePolicy(server.running, { get_images: rule });
    t.is((await admin.send('GET', '/v1/images')).status, status, rule);
  }
});

test.serial('a rule may look at the image: its fields, and its properties beside them', async (t) => {
  writePolicy(server.running, {
    download_image: 'role:admin or not "locked":%(x_state)s',
    delete_image: 'role:admin or not "keep":%(name)s',
  });
  const user = admin.as('u:targets:member');
  const locked = await user.create({ 'x-image-meta-property-x_state': 'locked', 'x-image-meta-name': 'keep' }, 'data');
  const free = await user.create({ 'x-image-meta-property-x_state': 'open', 'x-image-meta-name': 'drop' }, 'data');
  checkAnswer(t, await user.send('GET', `/v1/images/${locked.id}`), DENIED);
  checkAnswer(t, await user.send('GET', `/v1/images/${free.id}`), { status: 200, body: 'data' });
  checkAnswer(t, await admin.send('GET', `/v1/images/${locked.id}`), { status: 200, body: 'data' });
  checkAnswer(t, await user.send('DELETE', `/v1/images/${locked.id}`), DENIED);
  t.is((await user.send('DELETE', `/v1/images/${free.id}`)).status, 200);
  writePolicy(server.running, {});
});

test.serial('context_is_admin makes admins', async (t) => {
  const { id } = await admin.create({ 'x-image-meta-owner': 'someone' });
  const auditor = admin.as('u:other:auditor');
  t.is(await auditor.statusOf(id), 404);
  writePolicy(server.running, { context_is_admin: 'role:admin or role:auditor' });
  t.is(await auditor.statusOf(id), 'queued');
  writePolicy(server.running, {});
  t.is(await auditor.statusOf(id), 404);
});
