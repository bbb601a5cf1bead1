import test from 'ava';
import { imagesOf, type V1Client } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

/** Ten images: sizes and formats repeat, names are unset or repeat, so that every sort has ties. */
const ids: string[] = [];
const { admin } = useServer(
  { DEFAULT: { limit_param_default: 4, api_limit_max: 7 } },
  {
    async prepare(client) {
      for (let index = 0; index < 10; index += 1) {
        const { id } = await client.create({
          'x-image-meta-property-group': 'paging',
          'x-image-meta-size': String((index % 3) * 5),
          ...(index % 2 === 0 ? { 'x-image-meta-name': `name ${index % 4}` } : {}),
          ...(index % 3 === 0 ? {} : { 'x-image-meta-disk_format': index % 3 === 1 ? 'raw' : 'iso' }),
        });
        ids.push(id);
      }
    },
  },
);

async function page(client: V1Client, query: string): Promise<readonly string[]> {
  const answer = await client.send('GET', `/v1/images/detail?is_public=None&property-group=paging&${query}`);
  return imagesOf(answer).map(({ id }) => id);
}

/** All pages of this size, one after the other. */
async function pages(query: string, limit: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const marker = found.at(-1);
    const next = await page(admin, `${query}&limit=${limit}${marker === undefined ? '' : `&marker=${marker}`}`);
    found.push(...next);
    if (next.length < limit || found.length > 20) return found;
  }
}

test('the newest come first, as many as the default limit says', async (t) => {
  t.deepEqual(await page(admin, ''), ids.toReversed().slice(0, 4));
});

test('a limit is cut to the largest page', async (t) => {
  t.is((await page(admin, 'limit=1000')).length, 7);
  t.is((await page(admin, 'limit=99999999999999999999')).length, 7);
});

test('a limit of 0 is an empty page', async (t) => {
  t.deepEqual(await page(admin, 'limit=0'), []);
});

test('a page starts right after its marker, and after the last image there is none', async (t) => {
  t.deepEqual(await page(admin, `marker=${ids[5]}&limit=2`), [ids[4], ids[3]]);
  t.deepEqual(await page(admin, `marker=${ids[0]}`), []);
});

test('sort_key alone sorts downwards', async (t) => {
  t.deepEqual(await pages('sort_key=size', 3), await pages('sort_key=size&sort_dir=desc', 3));
});

type Key = 'name' | 'status' | 'container_format' | 'disk_format' | 'size' | 'id' | 'created_at' | 'updated_at';
const KEYS: readonly Key[] = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
];

/** The order that section 4 of image-api-v1 describes: the key, then the time of creation, then the id, nulls as ''. */
async function expected(key: Key, up: boolean): Promise<readonly string[]> {
  const rows = await Promise.all(
    ids.map(async (id) => {
      const { headers } = await admin.send('HEAD', `/v1/images/${id}`);
      const value = headers[`x-image-meta-${key}`] ?? '';
      const text = key === 'size' ? value.padStart(5, '0') : value;
      return { id, order: [text, headers['x-image-meta-created_at'] ?? '', id].join('\n') };
    }),
  );
  const sorted = rows.toSorted((a, b) => (a.order < b.order ? -1 : 1)).map(({ id }) => id);
  return up ? sorted : sorted.toReversed();
}

for (const key of KEYS) {
  for (const direction of ['asc', 'desc'] as const) {
    test(`sorted by ${key} ${direction}, pages of any size join without gaps or doubles`, async (t) => {
      const order = await expected(key, direction === 'asc');
      for (const limit of [1, 3, 7]) {
        t.deepEqual(await pages(`sort_key=${key}&sort_dir=${direction}`, limit), order);
      }
    });
  }
}

test('a marker need not match the filters', async (t) => {
  t.deepEqual(await page(admin, `size_max=0&marker=${ids[7]}&limit=2`), [ids[6], ids[3]]);
});

test('what is created meanwhile moves no later page', async (t) => {
  const group = 'property-group=moving';
  const create = () => admin.create({ 'x-image-meta-property-group': 'moving' });
  const [first, second] = [await create(), await create()];
  const list = async (query: string) =>
    imagesOf(await admin.send('GET', `/v1/images?is_public=None&${group}&${query}`)).map(({ id }) => id);
  t.deepEqual(await list('limit=1'), [second.id]);
  await create();
  t.deepEqual(await list(`limit=1&marker=${second.id}`), [first.id]);
});
