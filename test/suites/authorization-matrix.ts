import test from 'ava';
import { FORMATS, type V2Client, verdict } from '../support/v2-client.js';

/** Who asks. The owner's member has no role of a reader by name where Keystone did not say so: being a member implies it. */
export const CALLERS = [
  'a member of the owner',
  'a reader of the owner',
  'someone of the owner without a known role',
  'a member of the project that it is shared with',
  'a member of another project',
  'a reader of another project',
  'a service of another project',
  'an administrator',
] as const;
export type Caller = (typeof CALLERS)[number];

/** The callers of one server. */
export interface Actors {
  /** The project that owns the images, and the one that they are shared with. */
  readonly owner: string;
  readonly friend: string;
  as(caller: Caller): V2Client;
}

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

const VISIBILITIES: Readonly<
  Record<string, { rules: Readonly<Record<Caller, string>>; members: { owner: number; others: number } | undefined }>
> = {
  private: { rules: OTHERS, members: UNSHARED_HIDDEN },
  shared: { rules: { ...OTHERS, 'a member of the project that it is shared with': TAKE }, members: undefined },
  community: { rules: FOR_ALL, members: UNSHARED_SHOWN },
  public: { rules: FOR_ALL, members: UNSHARED_SHOWN },
};

async function image({ owner, friend, as }: Actors, visibility: string): Promise<string> {
  const admin = as('an administrator');
  const { id } = await admin.create({ ...FORMATS, visibility, owner });
  if (visibility === 'shared') {
    await admin.expect(200, 'POST', `/v2/images/${id}/members`, { json: { member: friend } });
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
/** API v2's rules by visibility and caller (image-api-v2 section 4.2), each as a test. `actors` is asked once the tests run. */
export function authorizationMatrix(actors: () => Actors): void {
  for (const [visibility, { rules, members }] of Object.entries(VISIBILITIES)) {
    for (const caller of CALLERS) {
      test(`a ${visibility} image and ${caller}`, async (t) => {
        const id = await image(actors(), visibility);
        const client = actors().as(caller);
        if (members !== undefined) {
          const sees = caller.includes('of the owner') || caller === 'an administrator';
          const answer = await client.send('POST', `/v2/images/${id}/members`, { json: { member: 'x' } });
          t.is(answer.status, sees ? members.owner : members.others);
        }
        t.is(await tryAll(client, id), rules[caller]);
      });
    }
  }

  for (const caller of CALLERS) {
    test(`the members of a shared image and ${caller}`, async (t) => {
      const { friend, as } = actors();
      const path = `/v2/images/${await image(actors(), 'shared')}/members`;
      const client = as(caller);
      const answers = [
        await client.send('POST', path, { json: { member: 'x' } }),
        await client.get(path),
        await client.send('DELETE', `${path}/${friend}`),
      ];
      t.deepEqual(
        answers.map(({ status }) => status),
        SHARED[caller],
      );
    });
  }

  test('an owner’s member offers an image to the community', async (t) => {
    const id = await image(actors(), 'shared');
    const offer = (caller: Caller) =>
      actors()
        .as(caller)
        .patch(id, [{ op: 'replace', path: '/visibility', value: 'community' }]);
    t.is((await offer('a reader of the owner')).status, 403);
    t.is((await offer('a member of the owner')).status, 200);
    t.is((await offer('a member of another project')).status, 403);
  });

  test('without a known role there are no images, but the API is known', async (t) => {
    const stranger = actors().as('someone of the owner without a known role');
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
    const reader = actors().as('a reader of the owner');
    t.is((await reader.get('/v2/images')).status, 200);
    t.is((await reader.send('POST', '/v2/images', { json: {} })).status, 403);
  });
}
