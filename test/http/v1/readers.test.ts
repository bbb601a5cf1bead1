import test from 'ava';
import { FORMATS, OCTETS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const { admin } = useServer();
const older = useServer({ oslo_policy: { enforce_new_defaults: false } });

const LOOKS = [
  ['GET', '/v1/images'],
  ['GET', '/v1/images/detail'],
  ['HEAD', '/v1/images/ID'],
  ['GET', '/v1/images/ID/members'],
] as const;
const DOES = [
  ['GET', '/v1/images/ID'],
  ['POST', '/v1/images'],
  ['POST', '/v1/images', { headers: { ...FORMATS, ...OCTETS }, body: 'data' }],
  ['PUT', '/v1/images/ID', { headers: { 'x-image-meta-name': 'n' } }],
  ['PUT', '/v1/images/ID/members/t'],
  ['PUT', '/v1/images/ID/members', { json: { memberships: [] } }],
  ['DELETE', '/v1/images/ID/members/t'],
  ['DELETE', '/v1/images/ID'],
] as const;

test('a reader of the project gets no more by API v1 than by API v2: it looks', async (t) => {
  const member = admin.as('m:readers:member,reader');
  const { id } = await member.create({}, 'data');
  for (const roles of ['reader', 'Reader', 'reader,other']) {
    const reader = admin.as(`r:readers:${roles}`);
    for (const [method, path] of LOOKS) t.is((await reader.send(method, path.replace('ID', id))).status, 200, path);
    for (const [method, path, request] of DOES) {
      t.is((await reader.send(method, path.replace('ID', id), request)).status, 403, `${roles}: ${method} ${path}`);
    }
  }
  for (const roles of ['member', 'reader,member', 'reader,admin', 'other', '']) {
    t.is((await admin.as(`u:readers:${roles}`).send('GET', `/v1/images/${id}`)).status, 200, roles);
  }
  t.is(await member.statusOf(id), 'active');
});

test('with the older rules of API v2 readers are like everyone in both', async (t) => {
  t.is((await older.admin.as('r:readers:reader').send('POST', '/v1/images')).status, 201);
});
