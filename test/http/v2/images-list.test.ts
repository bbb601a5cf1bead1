import { randomUUID } from 'node:crypto';
import test from 'ava';
import { type V2Client, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

/** Made in this order. */
const IMAGES: readonly Readonly<Record<string, unknown>>[] = [
  { name: 'alpha', tags: ['x', 'y'], min_ram: 1, os: 'linux', disk_format: 'raw' },
  { name: 'beta', tags: ['x'], min_ram: 2, os: 'linux', disk_format: 'iso' },
  { name: 'a,b', tags: ['y'], min_ram: 3, protected: true },
  { name: 'c:d"e', min_ram: 4, os: 'Linux' },
  { name: 'zeta', min_ram: 5, os_hidden: true },
];

const project = `p-${randomUUID()}`;
const ids: string[] = [];

const { admin, member } = useV2Server(
  { DEFAULT: { limit_param_default: 3, api_limit_max: 4 } },
  {
    async prepare(anyone) {
      const owner = anyone.as(`u:${project}:member`);
      for (const image of IMAGES) ids.push((await owner.create(image)).id);
    },
  },
);
const user = member(project);

/** Queries, and the names that they list (image-api-v2 section 2.2). */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  '': ['c:d"e', 'a,b', 'beta'],
  'limit=0': [],
  'limit=1': ['c:d"e'],
  'limit=100': ['c:d"e', 'a,b', 'beta', 'alpha'],
  'sort=name:asc': ['a,b', 'alpha', 'beta'],
  'sort=name': ['c:d"e', 'beta', 'alpha'],
  'sort=disk_format:asc,name:desc&limit=4': ['c:d"e', 'a,b', 'beta', 'alpha'],
  'sort_key=name&sort_dir=asc': ['a,b', 'alpha', 'beta'],
  'sort_key=name&sort_key=id&sort_dir=desc': ['c:d"e', 'beta', 'alpha'],
  'sort_dir=asc': ['alpha', 'beta', 'a,b'],
  'name=alpha': ['alpha'],
  'name=eq:alpha': ['alpha'],
  'name=eq:c:d%22e': ['c:d"e'],
  'name=ALPHA': [],
  'name=in:alpha,beta': ['beta', 'alpha'],
  'name=in:%22a,b%22,alpha': ['a,b', 'alpha'],
  'name=in:%22c:d%5C%22e%22': ['c:d"e'],
  'status=queued&limit=4': ['c:d"e', 'a,b', 'beta', 'alpha'],
  'status=in:active,saving': [],
  'status=killed': [],
  'disk_format=in:raw,iso': ['beta', 'alpha'],
  'min_ram=2': ['beta'],
  'min_ram_min=2&min_ram_max=3': ['a,b', 'beta'],
  'size_min=1': [],
  'tag=x': ['beta', 'alpha'],
  'tag=x&tag=y': ['alpha'],
  'os=linux': ['beta', 'alpha'],
  'os=in:linux': [],
  'nobody=knows': [],
  'protected=true': ['a,b'],
  'os_hidden=TRUE': ['zeta'],
  'created_at=gt:2020-01-01T00:00:00Z&limit=1': ['c:d"e'],
  'created_at=lt:2020-01-01': [],
  'updated_at=gte:2020-01-01T00:00:00%2B01:00&limit=1': ['c:d"e'],
  'deleted=true&limit=1': ['c:d"e'],
  'visibility=private': [],
  'visibility=shared&limit=1': ['c:d"e'],
};
for (const [query, names] of Object.entries(LISTS)) {
  test(`a list with ${query || 'nothing'}`, async (t) => {
    t.deepEqual(await user.names(`?${query}`), names);
  });
}

const KEYS = 'name, status, container_format, disk_format, size, id, created_at, updated_at';

const REFUSALS: Readonly<Record<string, string>> = {
  'limit=-1': '400 limit param must be positive',
  'limit=x': '400 limit param must be an integer',
  'limit=': '400 limit param must be an integer',
  'marker=nope': '400 No image found with ID nope',
  'marker=': '400 No image found with ID',
  'sort=color': `400 Invalid sort key: color. It must be one of the following: ${KEYS}.`,
  'sort=name:up': '400 Invalid sort direction: up',
  'sort_dir=up': '400 Invalid sort direction: up',
  'sort=name&sort_key=id': '400 Old and new sorting syntax cannot be combined',
  'sort_key=name&sort_key=id&sort_key=size&sort_dir=asc&sort_dir=desc':
    '400 Number of sort dirs does not match the number of sort keys',
  'name=like:x': "400 Unable to filter by unknown operator 'like'.",
  'name=in:%22a': '400 Invalid filter value "a. The quote is not closed.',
  'name=in:a%22b%22': '400 Invalid filter value a"b". There is no comma before opening quotation mark.',
  'name=in:%22a%22b': '400 Invalid filter value "a"b. There is no comma after closing quotation mark.',
  'created_at=yesterday': '400 Bad "created_at" query filter format. Use ISO 8601 DateTime notation.',
  'updated_at=near:2020-01-01T00:00:00Z': '400 Unable to filter on a unknown operator.',
  'size_min=x': '400 Unable to filter on a range with a non-numeric value.',
  'visibility=secret': '400 Invalid visibility value: secret',
  'member_status=maybe': '400 Invalid status: maybe',
  'os_hidden=maybe': "400 Invalid value 'maybe' for 'os_hidden' filter. Valid values are 'true' or 'false'.",
  'protected=True': "400 Invalid value 'True' for 'protected' filter. Valid values are 'true' or 'false'.",
  'changes-since=2020-01-01': '400 The "changes-since" filter is no longer available on v2.',
};
for (const [query, answer] of Object.entries(REFUSALS)) {
  test(`a list with ${query} is refused`, async (t) => {
    t.is(verdict(await user.get(`/v2/images?${query}`)), answer);
  });
}

/** Follows the links from page to page; every page comes with the first. */
async function walk(client: V2Client, query: string): Promise<readonly (readonly (string | null)[])[]> {
  const pages: (string | null)[][] = [];
  let path: string | undefined = `/v2/images${query}`;
  while (path !== undefined) {
    const page = await client.list(path.replace('/v2/images', ''));
    pages.push(page.images.map(({ name }) => name));
    path = page.next;
  }
  return pages;
}

test('pages follow each other, and a last one that is full has an empty one behind it', async (t) => {
  t.deepEqual(await walk(user, '?sort=name:asc'), [['a,b', 'alpha', 'beta'], ['c:d"e']]);
  t.deepEqual(await walk(user, '?limit=2&sort=name:asc'), [['a,b', 'alpha'], ['beta', 'c:d"e'], []]);
  t.deepEqual(await walk(user, '?limit=1&tag=x&tag=y'), [['alpha'], []]);
});

test('links keep every parameter, encoded as ever', async (t) => {
  const { first, next, schema, images } = await user.list('?name=in:alpha,beta&tag=x&tag=x&limit=1&sort=name:asc');
  const kept = '/v2/images?name=in%3Aalpha%2Cbeta&tag=x&tag=x&limit=1&sort=name%3Aasc';
  t.is(first, kept);
  t.is(next, `${kept}&marker=${images[0]?.id}`);
  t.is(schema, '/v2/schemas/images');
});

test('a marker may fall outside of what is listed, but not out of sight', async (t) => {
  t.deepEqual(await user.names(`?marker=${ids[4]}&sort=created_at:asc`), []);
  t.deepEqual(await user.names(`?marker=${ids[4]}&limit=2`), ['c:d"e', 'a,b']);
  t.is(verdict(await member().get(`/v2/images?marker=${ids[0]}`)), `400 No image found with ID ${ids[0]}`);
});

// Before all others, and alone: everybody lists what is public.
test.serial('who lists whose images', async (t) => {
  const [owner, friend] = [`p-${randomUUID()}`, `p-${randomUUID()}`];
  const mark = randomUUID();
  for (const visibility of ['private', 'shared', 'community']) {
    await member(owner).create({ name: visibility, mark, visibility });
  }
  const everyones = await admin.create({ name: 'public', mark, visibility: 'public', owner });
  t.teardown(() => admin.send('DELETE', `/v2/images/${everyones.id}`).then(() => {}));
  const lent = await member(owner).create({ name: 'lent', mark });
  await member(owner).expect(200, 'POST', `/v2/images/${lent.id}/members`, { json: { member: friend } });
  const list = async (client: V2Client, query = '') =>
    (await walk(client, `?mark=${mark}&sort=name:asc${query}`)).flat().join();
  t.is(await list(member(owner)), 'community,lent,private,public,shared');
  t.is(await list(member(owner), '&visibility=shared'), 'lent,shared');
  t.is(await list(member(owner), '&visibility=private'), 'private');
  t.is(await list(member()), 'public');
  t.is(await list(member(), '&visibility=community'), 'community');
  t.is(await list(member(), '&visibility=all'), 'community,public');
  t.is(await list(admin), 'lent,private,public,shared');
  t.is(await list(admin, '&visibility=all'), 'community,lent,private,public,shared');
  t.is(await list(admin, `&owner=${owner}&visibility=private`), 'private');
  t.is(await list(member(friend)), 'public');
  t.is(await list(member(friend), '&member_status=pending'), 'lent,public');
  t.is(await list(member(friend), '&member_status=all&visibility=shared'), 'lent');
  const answer = (status: string) =>
    member(friend).expect(200, 'PUT', `/v2/images/${lent.id}/members/${friend}`, { json: { status } });
  await answer('accepted');
  t.is(await list(member(friend)), 'lent,public');
  t.is(await list(member(friend), '&visibility=shared'), 'lent');
  await answer('rejected');
  t.is(await list(member(friend)), 'public');
  t.is(await list(member(friend), '&member_status=rejected'), 'lent,public');
});

test('without a role there is no list', async (t) => {
  t.is(
    verdict(await admin.as('u:p:nothing').get('/v2/images')),
    '403 You are not authorized to complete get_images action.',
  );
});
