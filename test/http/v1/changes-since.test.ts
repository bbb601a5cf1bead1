import test from 'ava';
import { FORMATS, OCTETS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

/** Times of the last change, by image. */
const changed = new Map<string, string>();
/** The names of all images, the last changed last. */
const NAMES = ['active', 'queued', 'killed', 'deleted'];

const { admin } = useServer(
  {},
  {
    async prepare(client) {
      const note = async (id: string, name: string) => {
        const { headers } = await client.send('HEAD', `/v1/images/${id}`);
        changed.set(name, headers['x-image-meta-updated_at'] ?? '');
      };
      for (const name of NAMES) {
        const { id } = await client.create({ ...FORMATS, 'x-image-meta-name': name });
        const upload = (headers: Readonly<Record<string, string>>) =>
          client.send('PUT', `/v1/images/${id}`, { headers: { ...OCTETS, ...headers }, body: 'data' });
        if (name === 'active') await upload({});
        if (name === 'killed') await upload({ 'x-image-meta-checksum': 'c' });
        if (name === 'deleted') await client.send('DELETE', `/v1/images/${id}`);
        await note(id, name);
      }
    },
  },
);

const since = async (query: string) => (await admin.names(`is_public=None&changes-since=${query}`)).toReversed();

test('deleted and killed images are listed, in no other list', async (t) => {
  t.deepEqual(await since('2001-01-01'), NAMES);
  t.deepEqual(await admin.names('is_public=None'), ['queued', 'active']);
});

/** Forms of a time long ago. */
for (const form of [
  '2001',
  '2001-01',
  '2001-01-01',
  '20010101',
  '2001-01-01T00:00',
  '2001-01-01T00:00:00',
  '2001-01-01T00:00:00Z',
  '2001-01-01T00:00:00.123456',
  '2001-01-01T00:00:00%2B05:00',
  '2001-01-01T00:00:00-12:00',
  '20010101T000000Z',
]) {
  test(`a time as ${form}`, async (t) => {
    t.deepEqual(await since(form), NAMES);
  });
}

test('nothing has changed since a time to come', async (t) => {
  for (const time of ['2100-01-01', '9999-12-31T23:59:59.999999']) t.deepEqual(await since(time), []);
});

test('only what changed later is listed, to the microsecond', async (t) => {
  for (const [index, name] of NAMES.entries()) {
    t.deepEqual(await since(changed.get(name) ?? ''), NAMES.slice(index + 1));
  }
});

test('an offset moves the time', async (t) => {
  const time = changed.get('queued') ?? '';
  t.deepEqual(await since(`${time}%2B00:00`), ['killed', 'deleted']);
  t.deepEqual(await since(`${time}%2B05:00`), NAMES);
  t.deepEqual(await since(`${time}-05:00`), []);
});

test('other filters hold as well', async (t) => {
  t.deepEqual(await since('2001-01-01&status=killed'), ['killed']);
  t.deepEqual(await since('2001-01-01&status=deleted'), ['deleted']);
  t.deepEqual(await since('2001-01-01&status=active'), ['active']);
});
