import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import { parsed, textIn } from '../../../../src/net/json.js';
import { identityUrl } from '../../../../src/net/keystone-token.js';
import type { DestinationOptions } from '../../../../src/sync/pull/destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';
import { calm, chunks } from '../../../suites/store-rig.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { keystoneSettings } from '../../../support/keystone-server.js';
import { quietLog } from '../../../support/quiet-log.js';
import { keystoneOfTests, RealKeystone } from '../../../support/real-keystone.js';
import { ServerUnderTest } from '../../../support/server.js';
import { useFolder } from '../../../support/v1-server.js';

const given = keystoneOfTests();
const DRAFT = {
  name: 'x',
  diskFormat: 'raw',
  containerFormat: 'bare',
  minDisk: 0,
  minRam: 0,
  properties: new Map(),
  tags: [],
  protected: false,
};

interface World {
  readonly keystone: RealKeystone;
  readonly server: ServerUnderTest;
  readonly project: string;
  readonly user: string;
  /** Variables of the user's login. */
  readonly env: Readonly<Record<string, string>>;
}

/** A new user of a new project at the real Keystone, and a server behind it. */
function withRealKeystone(login: NonNullable<typeof given>): void {
  let made: World | undefined;
  const world = (): World => {
    if (made === undefined) throw new Error('the server has not been started');
    return made;
  };
  const folder = useFolder();
  test.before(async () => {
    const keystone = await RealKeystone.connect(login);
    const project = await keystone.project();
    const user = await keystone.user();
    await keystone.grant(user, 'member', `projects/${project}`);
    const [project_name = '', username = ''] = login.user.split(':');
    const settings = keystoneSettings({ auth_url: login.url, username, password: login.key, project_name });
    // A server that remembers tokens would take a revoked one for minutes.
    const keystone_authtoken = { ...settings.keystone_authtoken, token_cache_time: -1 };
    const server = await ServerUnderTest.start({ ...settings, keystone_authtoken });
    const env = {
      OS_AUTH_URL: login.url,
      OS_USER_ID: user,
      OS_PASSWORD: keystone.password,
      OS_PROJECT_ID: project,
      OS_IMAGE_ENDPOINT_OVERRIDE: `http://127.0.0.1:${server.port}`,
    };
    made = { keystone, server, project, user, env };
  });
  test.after.always(async () => {
    await made?.server.stop();
    made?.server.dispose();
    await made?.keystone.close();
  });

  const mirrorsInto = (
    title: string,
    options: (world: World, t: ExecutionContext) => Promise<DestinationOptions>,
  ): void => {
    test.serial(`real Keystone: ${title}`, async (t) => {
      const destination = await openDestination(await options(world(), t), quietLog());
      t.teardown(() => destination.close());
      t.is(destination.project, world().project);
      const id = await destination.create(DRAFT);
      t.like(await destination.upload(id, chunks(Buffer.from('image')), 5, calm()), {
        status: 'active',
        owner: world().project,
      });
      await destination.remove(id);
    });
  };

  mirrorsInto('a password', async ({ env }) => cloudOptions(env));
  mirrorsInto('a token', async ({ env, keystone, user, project }) => {
    const { OS_USER_ID: _, OS_PASSWORD: __, ...rest } = env;
    const token = await keystone.tokenOf(user, { project: { id: project } });
    return cloudOptions({ ...rest, OS_TOKEN: token, OS_AUTH_TYPE: 'v3token' });
  });
  mirrorsInto('an application credential', async ({ env, keystone, user, project }, t) => {
    const name = `mirror-${randomUUID()}`;
    const headers = {
      'x-auth-token': await keystone.tokenOf(user, { project: { id: project } }),
      'content-type': 'application/json',
    };
    const url = `${identityUrl(login.url)}/users/${user}/application_credentials`;
    const body = JSON.stringify({ application_credential: { name, secret: 's3cret' } });
    const answer = await fetch(url, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(text);
    // On SQLite, Keystone cannot make another once a user has gone with one.
    const id = textIn(parsed(text), 'application_credential', 'id');
    t.teardown(() => fetch(`${url}/${id}`, { method: 'DELETE', headers }));
    return cloudOptions({
      OS_AUTH_URL: login.url,
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_NAME: name,
      OS_USER_ID: user,
      OS_APPLICATION_CREDENTIAL_SECRET: 's3cret',
      OS_IMAGE_ENDPOINT_OVERRIDE: env.OS_IMAGE_ENDPOINT_OVERRIDE ?? '',
    });
  });
  mirrorsInto('a cloud of clouds.yaml', async ({ env }) => {
    const auth = {
      auth_url: login.url,
      user_id: env.OS_USER_ID,
      password: env.OS_PASSWORD,
      project_id: env.OS_PROJECT_ID,
    };
    const mine = { auth, image_endpoint_override: env.OS_IMAGE_ENDPOINT_OVERRIDE, identity_api_version: 3 };
    writeFileSync(join(folder, 'clouds.yaml'), JSON.stringify({ clouds: { mine } }));
    return cloudOptions({}, { 'os-cloud': 'mine' }, folder);
  });

  test.serial('real Keystone: a token that is revoked is replaced', async (t) => {
    const { env, keystone, user, project } = world();
    const destination = await openDestination(cloudOptions(env), quietLog());
    t.teardown(() => destination.close());
    const id = await destination.create(DRAFT);
    const another = await keystone.tokenOf(user, { project: { id: project } });
    const taken = async (token: string): Promise<boolean> =>
      (await fetch(`${env.OS_IMAGE_ENDPOINT_OVERRIDE}/v2/images`, { headers: { 'x-auth-token': token } })).ok;
    t.true(await taken(another));
    await keystone.revokeAllOf(user);
    t.false(await taken(another));
    while (!(await taken(await keystone.tokenOf(user, { project: { id: project } })))) await wait(100);
    await destination.change(id, { name: 'renamed' });
    t.like((await destination.list())[0], { name: 'renamed' });
    await destination.remove(id);
  });

  test.serial('real Keystone: refusals in its own words', async (t) => {
    const { env } = world();
    const wrong = await t.throwsAsync(openDestination(cloudOptions({ ...env, OS_PASSWORD: 'hunter2' }), quietLog()));
    t.true(isSyncError(wrong, 'destination'), String(wrong));
    t.regex(
      String(wrong),
      /The login failed: Keystone at .* answered 401: The request you have made requires authentication/,
    );
    const { OS_PROJECT_ID: _, ...unscoped } = env;
    const none = await t.throwsAsync(openDestination(cloudOptions(unscoped), quietLog()));
    t.true(isSyncError(none, 'usage'), String(none));
    t.regex(String(none), /for no project/);
  });
}

if (given) withRealKeystone(given);
else test.skip('real Keystone: TEST_KEYSTONE_URL, TEST_KEYSTONE_USER and TEST_KEYSTONE_KEY name none', () => {});
