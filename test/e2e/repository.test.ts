import { join } from 'node:path';
import test from 'ava';
import { repositoryFolder } from '../http/repository/rig.js';
import { exchange, request } from '../support/raw-http.js';
import { freePort, ServerUnderTest, type Settings } from '../support/server.js';

const PASTE = join(import.meta.dirname, '../../../test/support/glance-api-paste.ini');

const statusOf = async (port: number, path: string): Promise<number | undefined> =>
  (await exchange(port, request('GET', path, { Connection: 'close' })))?.status;

/** Whom the API lets in without a token. */
const pipelines: readonly [string, number, (folder: string) => Promise<Settings>][] = [
  ['', 200, async () => ({})],
  ['noauth', 401, async () => ({})],
  ['fakeauth', 401, async () => ({})],
  [
    'keystone',
    401,
    async () => ({
      keystone_authtoken: {
        auth_url: `http://127.0.0.1:${await freePort()}/v3`,
        auth_type: 'password',
        username: 'glance',
        password: 'x',
        project_name: 'service',
      },
    }),
  ],
];

for (const [flavor, api, more] of pipelines) {
  test(`a repository is open to everybody, and opens nothing else: flavor '${flavor}'`, async (t) => {
    const repository = await repositoryFolder(t);
    await repository.publish(1, { 'images/a': Buffer.from('a') }, { 'index.html': 'page' });
    const server = await ServerUnderTest.start({
      publish: { target: repository.path, serve_path: '/public/images' },
      ...(await more(repository.path)),
      ...(flavor === '' ? {} : { paste_deploy: { config_file: PASTE, flavor } }),
    });
    t.teardown(() => server.dispose());
    const { port } = server;
    for (const path of ['', 'images/a', 'SHA256SUMS']) t.is(await statusOf(port, `/public/images/${path}`), 200, path);
    t.is(await statusOf(port, '/public/images/.generations/1/SHA256SUMS'), 404);
    t.is(await statusOf(port, '/public/images/../../v2/images'), 404);
    t.is(await statusOf(port, '/v2/images'), api);
    t.not(await statusOf(port, '/public'), 200);
    await server.stop();
  });
}

test('what is no folder is not served, and the start says so', async (t) => {
  const starting = ServerUnderTest.start({ publish: { target: 's3://bucket/prefix', serve_path: '/repository' } });
  const error = await t.throwsAsync(starting);
  t.regex(error?.message ?? '', /serve_path: .*must name a folder/);
});

for (const path of ['/', '/v2', '/v2/images', '/versions', 'repository', '/a/../b', '/.well-known']) {
  test(`serve_path = ${path} is refused`, async (t) => {
    const starting = ServerUnderTest.start({ publish: { target: '/nonexistent', serve_path: path } });
    t.regex((await t.throwsAsync(starting))?.message ?? '', /serve_path/);
  });
}
