import { randomUUID } from 'node:crypto';
import test from 'ava';
import { DRAFT_10, detail, FORMATS, type V2Client, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin } = useV2Server();
const open = useV2Server({ DEFAULT: { allow_anonymous_access: true } });

const OWNER = 'pa';
const FRIEND = 'pf';

/** Callers by their tokens. The owner's member has no role of a reader by name: being a member implies it. */
const CALLERS = {
  'a member of the owner': `u:${OWNER}:member`,
  'a reader of the owner': `u:${OWNER}:reader`,
  'someone of the owner without a known role': `u:${OWNER}:stranger`,
  'a member of the project that it is shared with': `u:${FRIEND}:member`,
  'a member of another project': 'u:pb:member',
  'a reader of another project': 'u:pb:reader',
  'a service of another project': 'u:ps:service',
  'an administrator': 'u:px:admin',
} as const;
type Caller = keyof typeof CALLERS;

const ALL = 'get 200, download 204, patch 200, publish 403, upload 204, delete 204';
const LOOK = 'get 200, download 403, patch 403, publish 403, upload 403, delete 403';
const TAKE = 'get 200, download 204, patch 403, publish 403, upload 403, delete 403';
const NOTHING = 'get 404, download 404, patch 404, publish 404, upload 404, delete 404';
const EVERYTHING = 'get 200, download 204, patch 200, publish 200, upload 204, delete 204';

/** What comes of the first members that a caller asks for, where the rules for the rest hold as well (image-api-v2 section 4.2). */
const OTHERS: Readonly<Record<Caller, string>> = {
  'a member of the owner': ALL,
  'a reader of the owner': LOOK,
  'someone of the owner without a known role': NOTHING,
  'a member of the project that it is shared with': NOTHING,
  'a member of another project': NOTHING,
  'a reader of another project': NOTHING,
  'a service of another project': NOTHING,
  'an administrator': EVERYTHING,
};

const FOR_ALL: Readonly<Record<Caller, string>> = {
  ...OTHERS,
  'a member of the project that it is shared with': TAKE,
  'a member of another project': TAKE,
  'a reader of another project': LOOK,
};

/** Of the members of an image that is not shared, who sees the image is told that it has none. */
const UNSHARED_HIDDEN = { owner: 403, others: 404 };
const UNSHARED_SHOWN = { owner: 403, others: 403 };

const VISIBILITIES = {
  private: { rules: OTHERS, members: UNSHARED_HIDDEN },
  shared: { rules: { ...OTHERS, 'a member of the project that it is shared with': TAKE }, members: undefined },
  community: { rules: FOR_ALL, members: UNSHARED_SHOWN },
  public: { rules: FOR_ALL, members: UNSHARED_SHOWN },
} as const;

function tokenOf(caller: string): string {
  const token = new Map<string, string>(Object.entries(CALLERS)).get(caller);
  if (token === undefined) throw new Error(`who is ${caller}?`);
  return token;
}

async function image(visibility: string): Promise<string> {
  const { id } = await admin.create({ ...FORMATS, visibility, owner: OWNER });
  if (visibility === 'shared') {
    await admin.expect(200, 'POST', `/v2/images/${id}/members`, { json: { member: FRIEND } });
  }
  return id;
}

async function tryAll(client: V2Client, id: string): Promise<string> {
  const path = `/v2/images/${id}`;
  const become = (visibility: string) => client.patch(id, [{ op: 'replace', path: '/visibility', value: visibility }]);
  const results: [string, number][] = [
    ['get', (await client.get(path)).status],
    ['download', (await client.get(`${path}/file`)).status],
    ['patch', (await client.patch(id, [{ op: 'add', path: '/x', value: 'y' }])).status],
    ['publish', (await become('public')).status],
    ['upload', (await client.upload(id, { body: 'data' })).status],
    ['delete', (await client.send('DELETE', path)).status],
  ];
  return results.map(([name, status]) => `${name} ${status}`).join(', ');
}

for (const [visibility, { rules, members }] of Object.entries(VISIBILITIES)) {
  for (const [caller, wanted] of Object.entries(rules)) {
    test(`a ${visibility} image and ${caller}`, async (t) => {
      const token = tokenOf(caller);
      const id = await image(visibility);
      const client = admin.as(token);
      if (members !== undefined) {
        const sees = token.includes(`:${OWNER}:`) || caller === 'an administrator';
        const answer = await client.send('POST', `/v2/images/${id}/members`, { json: { member: 'x' } });
        t.is(answer.status, sees ? members.owner : members.others);
      }
      t.is(await tryAll(client, id), wanted);
    });
  }
}

/** Who adds to the members of a shared image, lists and leaves them: statuses of the three. */
const SHARED: Readonly<Record<Caller, readonly number[]>> = {
  'a member of the owner': [200, 200, 204],
  'a reader of the owner': [403, 200, 403],
  'someone of the owner without a known role': [404, 404, 404],
  'a member of the project that it is shared with': [403, 200, 403],
  'a member of another project': [404, 404, 404],
  'a reader of another project': [404, 404, 404],
  'a service of another project': [404, 404, 404],
  'an administrator': [200, 200, 204],
};
for (const [caller, wanted] of Object.entries(SHARED)) {
  test(`the members of a shared image and ${caller}`, async (t) => {
    const path = `/v2/images/${await image('shared')}/members`;
    const client = admin.as(tokenOf(caller));
    const answers = [
      await client.send('POST', path, { json: { member: 'x' } }),
      await client.get(path),
      await client.send('DELETE', `${path}/${FRIEND}`),
    ];
    t.deepEqual(
      answers.map(({ status }) => status),
      wanted,
    );
  });
}

test('an owner’s member offers an image to the community', async (t) => {
  const id = await image('shared');
  const offer = (token: string) =>
    admin.as(token).patch(id, [{ op: 'replace', path: '/visibility', value: 'community' }]);
  t.is((await offer(CALLERS['a reader of the owner'])).status, 403);
  t.is((await offer(CALLERS['a member of the owner'])).status, 200);
  t.is((await offer('u:pb:member')).status, 403);
});

test('without a known role there are no images, but the API is known', async (t) => {
  const stranger = admin.as('u:p:stranger');
  t.is(verdict(await stranger.get('/v2/images')), '403 You are not authorized to complete get_images action.');
  t.is(
    verdict(await stranger.send('POST', '/v2/images', { json: {} })),
    '403 You are not authorized to complete add_image action.',
  );
  for (const path of ['/v2/info/import', '/v2/info/usage', '/v2/schemas/images', '/v2/schemas/image']) {
    t.is((await stranger.get(path)).status, 200, path);
  }
});

test('a reader reads, and makes nothing', async (t) => {
  const reader = admin.as('u:p:reader');
  t.is((await reader.get('/v2/images')).status, 200);
  t.is((await reader.send('POST', '/v2/images', { json: {} })).status, 403);
});

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
  const { id } = await open.admin.create({ visibility: 'public', owner: OWNER, ...FORMATS });
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
