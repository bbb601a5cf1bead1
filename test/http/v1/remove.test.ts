import test from 'ava';
import { checkAnswer, quoted } from '../../support/v1-answer.js';
import { FORMATS } from '../../support/v1-client.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer();
const { admin } = server;
const owner = admin.as('u:removes:member');
const stranger = admin.as('u:strangers:member');

test('DELETE: 200, an empty body, the bytes gone; only admins see what is left', async (t) => {
  const { id } = await owner.create({ 'x-image-meta-property-a': '1' }, 'data');
  const path = `/v1/images/${id}`;
  t.true(server.running.storedFiles().includes(id));
  checkAnswer(t, await owner.send('DELETE', path), { status: 200, body: '', headers: { 'content-length': '0' } });
  t.false(server.running.storedFiles().includes(id));
  const hidden = { status: 404, details: `Image with identifier ${id} not found` };
  for (const method of ['GET', 'PUT', 'DELETE']) checkAnswer(t, await owner.send(method, path), hidden);
  const { headers } = await admin.send('HEAD', path);
  t.is(headers['x-image-meta-status'], 'deleted');
  t.is(headers['x-image-meta-deleted'], 'True');
  t.regex(headers['x-image-meta-deleted_at'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  checkAnswer(t, await admin.send('GET', path), { status: 404, details: `Image ${id} is not active` });
  checkAnswer(t, await admin.send('DELETE', path), { status: 404, explains: `Image ${id} not found.` });
});

test('a reserved image can be deleted, too', async (t) => {
  const { id } = await owner.create(FORMATS);
  t.is((await owner.send('DELETE', `/v1/images/${id}`)).status, 200);
  t.is(await admin.statusOf(id), 'deleted');
});

test('a protected image is for nobody to delete until it is no more', async (t) => {
  const { id } = await owner.create({ 'x-image-meta-protected': 'True' }, 'data');
  const path = `/v1/images/${id}`;
  const refused = { status: 403, explains: 'Image is protected' };
  for (const client of [owner, admin]) checkAnswer(t, await client.send('DELETE', path), refused);
  t.is((await owner.send('PUT', path, { headers: { 'x-image-meta-protected': 'False' } })).status, 200);
  t.is((await owner.send('DELETE', path)).status, 200);
});

test('whose image it is: a public one of another tenant is forbidden, a shared one not found', async (t) => {
  const open = await admin.create({ 'x-image-meta-is_public': 'True', 'x-image-meta-owner': 'removes' });
  checkAnswer(t, await stranger.send('DELETE', `/v1/images/${open.id}`), {
    status: 403,
    explains: `Forbidden to delete image: ${quoted('Access was denied to this resource.', '403 Forbidden')}`,
  });
  const shared = await owner.create();
  await owner.send('PUT', `/v1/images/${shared.id}/members/strangers`);
  t.is((await stranger.send('DELETE', `/v1/images/${shared.id}`)).status, 404);
  const nobodys = await admin.create({ 'x-image-meta-owner': '' });
  t.is((await stranger.send('DELETE', `/v1/images/${nobodys.id}`)).status, 404);
  for (const { id } of [open, shared, nobodys]) t.is(await admin.statusOf(id), 'queued');
});
