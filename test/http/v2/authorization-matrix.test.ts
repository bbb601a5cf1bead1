import { randomUUID } from 'node:crypto';
import test from 'ava';
import { authorizationMatrix, type Caller } from '../../suites/authorization-matrix.js';
import { DRAFT_10, detail, FORMATS, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin } = useV2Server();
const open = useV2Server({ DEFAULT: { allow_anonymous_access: true } });

const TOKENS: Readonly<Record<Caller, string>> = {
  'a member of the owner': 'u:pa:member',
  'a reader of the owner': 'u:pa:reader',
  'someone of the owner without a known role': 'u:pa:stranger',
  'a member of the project that it is shared with': 'u:pf:member',
  'a member of another project': 'u:pb:member',
  'a reader of another project': 'u:pb:reader',
  'a service of another project': 'u:ps:service',
  'an administrator': 'u:px:admin',
};

authorizationMatrix(() => ({ owner: 'pa', friend: 'pf', as: (caller) => admin.as(TOKENS[caller]) }));

test('roles are told in any case, several at once', async (t) => {
  t.is((await admin.as('u:p:ReaDer,MEMBER').send('POST', '/v2/images', { json: {} })).status, 201);
});

test('without an identity there is nothing', async (t) => {
  const nobody = admin.as();
  for (const path of ['/v2/images', `/v2/images/${randomUUID()}`, '/v2/schemas/image', '/v2/info/import']) {
    t.is((await nobody.get(path)).status, 401, path);
  }
});

test('an anonymous visitor reads what is public, where that is allowed, and changes nothing', async (t) => {
  const { id } = await open.admin.create({ visibility: 'public', owner: 'pa', ...FORMATS });
  const nobody = open.admin.as();
  const path = `/v2/images/${id}`;
  const changes: readonly Parameters<typeof nobody.send>[] = [
    ['POST', '/v2/images', { json: {} }],
    ['PATCH', path, { headers: DRAFT_10, json: [] }],
    ['DELETE', path],
    ['PUT', `${path}/file`, { headers: { 'content-type': 'application/octet-stream' }, body: 'x' }],
    ['PUT', `${path}/tags/x`],
    ['DELETE', `${path}/tags/x`],
    ['POST', `${path}/members`, { json: { member: 'x' } }],
    ['PUT', `${path}/members/x`, { json: { status: 'accepted' } }],
    ['DELETE', `${path}/members/x`],
    ['POST', `${path}/actions/deactivate`],
    ['POST', `${path}/actions/reactivate`],
  ];
  for (const change of changes) {
    t.is(verdict(await nobody.send(...change)), detail(403, 'Read-only access'), change.slice(0, 2).join(' '));
  }
  t.is((await open.admin.show(id)).status, 'queued');
});
