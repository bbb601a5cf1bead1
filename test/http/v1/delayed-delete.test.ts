import test from 'ava';
import { checkAnswer } from '../../support/v1-answer.js';
import { imagesOf } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer({ DEFAULT: { delayed_delete: true } });
const { admin } = server;
const owner = admin.as('u:delays:member');

test('a deleted image with data waits as pending_delete, with its bytes', async (t) => {
  const { id } = await owner.create({ 'x-image-meta-name': 'pending' }, 'data');
  const path = `/v1/images/${id}`;
  t.is((await owner.send('DELETE', path)).status, 200);
  t.is(await owner.statusOf(id), 404);
  const { headers } = await admin.send('HEAD', path);
  t.is(headers['x-image-meta-status'], 'pending_delete');
  t.is(headers['x-image-meta-deleted'], 'True');
  checkAnswer(t, await admin.send('GET', path), { status: 404, details: `Image ${id} is not active` });
  checkAnswer(t, await admin.send('DELETE', path), {
    status: 403,
    explains: 'Forbidden to delete a pending_delete image.',
  });
  t.true(server.running.storedFiles().includes(id));
  const list = async (query: string) =>
    imagesOf(await admin.send('GET', `/v1/images/detail?is_public=None&name=pending${query}`)).map(
      ({ status }) => status,
    );
  t.deepEqual(await list(''), []);
  t.deepEqual(await list('&changes-since=2001-01-01'), ['pending_delete']);
});

test('a deleted image without data has nothing to wait for', async (t) => {
  const { id } = await owner.create();
  t.is((await owner.send('DELETE', `/v1/images/${id}`)).status, 200);
  t.is(await admin.statusOf(id), 'deleted');
});
