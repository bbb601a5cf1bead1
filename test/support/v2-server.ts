import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ServerUnderTest, type Settings } from './server.js';
import { V1Client } from './v1-client.js';
import { imageOf, V2Client } from './v2-client.js';

/** Both APIs behind identities that nobody checks; a file of its own, so that none is found that the machine has by chance. */
const PASTE = `
[pipeline:glance-api]
pipeline = cors versionnegotiation fakeauth context rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/v1: apiv1app
/v2: apiv2app
[app:apiv1app]
paste.app_factory = glance.api.v1.router:API.factory
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:fakeauth]
paste.filter_factory = glance.tests.utils:FakeAuthMiddleware.factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
`;

export interface V2Server {
  /** The server; there once the tests run. */
  readonly running: ServerUnderTest;
  /** Acts as an administrator without a project. */
  readonly admin: V2Client;
  /** Acts as a member of a project that nobody else uses, or of this one. */
  member(project?: string): V2Client;
}

export interface ServerOptions {
  /** Runs before the first test, once the server runs. */
  readonly prepare?: (admin: V2Client) => Promise<void>;
}

/** Stored files that belong to no image with data. */
async function leftovers(server: ServerUnderTest, admin: V2Client): Promise<readonly string[]> {
  const owned = await Promise.all(
    server.storedFiles().map(async (name) => {
      const answer = await admin.get(`/v2/images/${name}`);
      const kept = answer.status === 200 && ['active', 'deactivated'].includes(imageOf(answer).status);
      return kept ? [] : [name];
    }),
  );
  return owned.flat();
}

/**
 * One server with both APIs for the tests of a file: started before the first, stopped after the last. Fails the file when the server
 * does not stop by itself, or leaves a stored file that no image owns.
 */
export function useV2Server(settings: Settings = {}, options: ServerOptions = {}): V2Server {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-paste-'));
  const config_file = join(folder, 'paste.ini');
  let server: ServerUnderTest | undefined;
  const running = (): ServerUnderTest => {
    if (server === undefined) throw new Error('the server has not been started');
    return server;
  };
  const anyone = new V2Client(new V1Client(() => running().port));
  const admin = anyone.as('admin:none:admin');
  test.before(async () => {
    writeFileSync(config_file, PASTE);
    server = await ServerUnderTest.start({ paste_deploy: { config_file }, ...settings });
    await options.prepare?.(admin);
  });
  test.after.always(async (t) => {
    try {
      t.deepEqual(await leftovers(running(), admin), []);
      await running().stop();
    } finally {
      server?.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return {
    get running() {
      return running();
    },
    admin,
    member: (project = `p-${randomUUID()}`) => anyone.as(`u:${project}:member`),
  };
}
