import { randomUUID } from 'node:crypto';
import test from 'ava';
import { FORMATS, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const { admin, member } = useV2Server({ DEFAULT: { image_tag_quota: 3 } });
const project = `p-${randomUUID()}`;
const user = member(project);

const tag = (id: string, name: string) => `/v2/images/${id}/tags/${name}`;

test('a tag comes and goes, twice is as good as once', async (t) => {
  const { id } = await user.create({ tags: ['here'] });
  for (const name of ['x', 'x', 'here']) {
    const answer = await user.send('PUT', tag(id, name));
    t.deepEqual([answer.status, answer.text], [204, '']);
  }
  t.deepEqual([...(await user.show(id)).tags].sort(), ['here', 'x']);
  t.is((await user.send('DELETE', tag(id, 'x'))).status, 204);
  t.is(verdict(await user.send('DELETE', tag(id, 'x'))), '404 The resource could not be found.');
  t.deepEqual((await user.show(id)).tags, ['here']);
});

/** Tags as the path writes them, and as they are kept; undefined: not at all, for the path is another one. */
const NAMES: Readonly<Record<string, string | undefined>> = {
  'a%20b': 'a b',
  '%C3%A9': 'é',
  '%F0%9F%98%80': '😀',
  '%3F%23%26': '?#&',
  'a+b': 'a+b',
  [`${'%C3%A9'.repeat(255)}`]: 'é'.repeat(255),
  'a%2Fb': undefined,
  '': undefined,
};
for (const [written, kept] of Object.entries(NAMES)) {
  test(`the tag ${written.slice(0, 20) || '(none)'}`, async (t) => {
    const { id } = await user.create();
    const answer = await user.send('PUT', tag(id, written));
    t.is(answer.status, kept === undefined ? 404 : 204);
    t.deepEqual((await user.show(id)).tags, kept === undefined ? [] : [kept]);
    if (kept !== undefined) t.is((await user.send('DELETE', tag(id, written))).status, 204);
  });
}

test('what is too long, and one too many', async (t) => {
  const { id } = await user.create({ tags: ['a', 'b', 'c'] });
  const long = 'x'.repeat(256);
  t.is(
    verdict(await user.send('PUT', tag(id, long))),
    `400 Provided object does not match schema 'image': '${long}' is too long`,
  );
  t.is((await user.send('DELETE', tag(id, long))).status, 404);
  t.is(
    verdict(await user.send('PUT', tag(id, 'd'))),
    `413 Image tag limit exceeded for image ${id}: The limit has been exceeded on the number of allowed image tags. ` +
      'Attempted: 4, Maximum: 3:',
  );
  t.is((await user.send('PUT', tag(id, 'c'))).status, 204);
});

test('tags that are set side by side are all kept', async (t) => {
  const { id } = await user.create();
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => user.send('PUT', tag(id, name))));
  t.deepEqual(
    answers.map(({ status }) => status),
    [204, 204, 204],
  );
  t.deepEqual([...(await user.show(id)).tags].sort(), ['a', 'b', 'c']);
});

test('whose image it is not tags it not', async (t) => {
  const shown = await user.create({ visibility: 'community', tags: ['x'] });
  const unseen = await user.create({ tags: ['x'] });
  const absent = randomUUID();
  for (const method of ['PUT', 'DELETE']) {
    const refused = '403 You are not authorized to complete modify_image action.';
    t.is(verdict(await member().send(method, tag(shown.id, 'x'))), refused);
    t.is(verdict(await admin.as(`u:${project}:reader`).send(method, tag(shown.id, 'x'))), refused);
    t.is(verdict(await member().send(method, tag(unseen.id, 'x'))), `404 Image ${unseen.id} not found.`);
    t.is(verdict(await user.send(method, tag(absent, 'x'))), `404 Image ${absent} not found.`);
  }
});

const act = (id: string, action: string) => `/v2/images/${id}/actions/${action}`;

test('an image is put out of use and back, once or twice', async (t) => {
  const { id } = await user.create({}, 'data');
  for (const [action, status] of [
    ['deactivate', 'deactivated'],
    ['deactivate', 'deactivated'],
    ['reactivate', 'active'],
    ['reactivate', 'active'],
  ] as const) {
    const answer = await user.send('POST', act(id, action));
    t.deepEqual([answer.status, answer.text], [204, '']);
    t.is((await user.show(id)).status, status);
  }
});

test('what is said of a deactivated image may change, its data may not', async (t) => {
  const { id } = await user.create({}, 'data');
  await user.expect(204, 'POST', act(id, 'deactivate'));
  t.is((await user.patch(id, [{ op: 'replace', path: '/name', value: 'n' }])).status, 200);
  t.is((await user.send('PUT', tag(id, 'x'))).status, 204);
  t.is((await user.send('POST', `/v2/images/${id}/members`, { json: { member: 'm' } })).status, 200);
  t.is((await user.patch(id, [{ op: 'replace', path: '/disk_format', value: 'iso' }])).status, 403);
  t.is((await user.upload(id, { body: 'x' })).status, 409);
  t.is((await user.show(id)).status, 'deactivated');
  t.is((await user.send('DELETE', `/v2/images/${id}`)).status, 204);
});

test('only what is in use, or was, can be', async (t) => {
  const { id } = await user.create(FORMATS);
  for (const action of ['deactivate', 'reactivate']) {
    t.is(verdict(await user.send('POST', act(id, action))), `403 Not allowed to ${action} image in status 'queued'`);
    const absent = randomUUID();
    t.is(verdict(await user.send('POST', act(absent, action))), `404 No image found with ID ${absent}`);
  }
  t.is((await user.send('POST', act(id, 'archive'))).status, 404);
});

test('whose image it is not puts it not out of use', async (t) => {
  const { id } = await user.create({ visibility: 'community' }, 'data');
  for (const action of ['deactivate', 'reactivate']) {
    const refused = `403 You are not authorized to complete ${action} action.`;
    t.is(verdict(await member().send('POST', act(id, action))), refused);
    t.is(verdict(await admin.as(`u:${project}:reader`).send('POST', act(id, action))), refused);
  }
  t.is((await user.show(id)).status, 'active');
});

test('deleted is deleted, for everybody', async (t) => {
  const { id } = await user.create({}, 'data');
  const answer = await user.send('DELETE', `/v2/images/${id}`);
  t.deepEqual([answer.status, answer.text], [204, '']);
  for (const client of [user, admin]) {
    t.is(verdict(await client.get(`/v2/images/${id}`)), `404 No image found with ID ${id}`);
    t.is(verdict(await client.send('DELETE', `/v2/images/${id}`)), `404 Failed to find image ${id} to delete`);
    t.is(verdict(await client.patch(id, [])), `404 No image found with ID ${id}`);
    t.is((await client.get(`/v2/images/${id}/file`)).status, 404);
  }
});

test('what is protected stays, until it is protected no more', async (t) => {
  const { id } = await user.create({ protected: true }, 'data');
  const refused = `403 Image ${id} is protected and cannot be deleted.`;
  t.is(verdict(await user.send('DELETE', `/v2/images/${id}`)), refused);
  t.is(verdict(await admin.send('DELETE', `/v2/images/${id}`)), refused);
  t.is((await user.get(`/v2/images/${id}/file`)).text, 'data');
  await user.patch(id, [{ op: 'replace', path: '/protected', value: false }]);
  t.is((await user.send('DELETE', `/v2/images/${id}`)).status, 204);
});

test('hidden images are out of lists, not out of reach', async (t) => {
  const { id } = await user.create({ os_hidden: true });
  const listed = async (query: string) => (await user.list(query)).images.some((image) => image.id === id);
  t.false(await listed('?limit=1000'));
  t.true(await listed('?limit=1000&os_hidden=true'));
  t.is((await user.show(id)).os_hidden, true);
  await user.patch(id, [{ op: 'replace', path: '/os_hidden', value: false }]);
  t.true(await listed('?limit=1000'));
});
