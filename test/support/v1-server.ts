import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ServerUnderTest, type Settings } from './server.js';
import { imagesOf, V1Client } from './v1-client.js';

/** An administrator without a tenant, in the form of fakeauth. */
export const ADMIN = 'admin:none:admin';

export interface V1Server {
  /** The server; there once the tests run. */
  readonly running: ServerUnderTest;
  /** Acts as an administrator without a tenant. */
  readonly admin: V1Client;
  /** Where its paste file is. */
  readonly folder: string;
}

/** Statuses of images whose bytes are stored. */
const OWNERS: ReadonlySet<string | number> = new Set(['active', 'pending_delete']);

/** Stored files that belong to no such image. */
async function leftovers(server: ServerUnderTest, admin: V1Client): Promise<readonly string[]> {
  const files = server.storedFiles();
  const statuses = await Promise.all(files.map((name) => admin.statusOf(name)));
  return files.filter((_, index) => !OWNERS.has(statuses[index] ?? ''));
}

export interface ServerOptions {
  /** Headers by which the server takes a client for an administrator; a token of fakeauth unless given. */
  readonly identity?: Readonly<Record<string, string>>;
  /** Rules of the server's policy file, beside `default`, which allows everything. */
  readonly policy?: Readonly<Record<string, string>>;
  /** Filters of the pipeline, outermost first. */
  readonly filters?: readonly (keyof typeof FACTORIES)[];
  /** Runs before the first test, once the server runs. */
  readonly prepare?: (admin: V1Client) => Promise<void>;
  /** Runs after the last test, before the server stops. */
  readonly finish?: () => void;
}

const FACTORIES = {
  cors: 'oslo_middleware.cors:filter_factory',
  healthcheck:
    'oslo_middleware:Healthcheck.factory\nbackends = disable_by_file\ndisable_by_file_path = %(here)s/disabled',
  versionnegotiation: 'glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory',
  gzip: 'glance.api.middleware.gzip:GzipMiddleware.factory',
  fakeauth: 'glance.tests.utils:FakeAuthMiddleware.factory',
  context: 'glance.api.middleware.context:ContextMiddleware.factory',
  unauthenticated: 'glance.api.middleware.context:UnauthenticatedContextMiddleware.factory',
};

/** A paste file of one pipeline: the tests must not find one that the machine has by chance. */
function pasteText(filters: readonly string[]): string {
  const sections = Object.entries(FACTORIES).map(
    ([name, factory]) => `[filter:${name}]\npaste.filter_factory = ${factory}\n`,
  );
  const apis = ['v1', 'v2'].map((api) => `[app:${api}]\npaste.app_factory = glance.api.${api}.router:API.factory\n`);
  const app = `[composite:api]\npaste.composite_factory = glance.api:root_app_factory\n/v1: v1\n/v2: v2\n${apis.join('')}`;
  return [`[pipeline:glance-api]\npipeline = ${filters.join(' ')} api\n`, ...sections, app].join('\n');
}

/**
 * One server for the tests of a file: started before the first, stopped after the last. Fails the file when the server does not
 * stop by itself, or when a stored file is left that no active image owns. Actors are told by fakeauth unless the filters say otherwise.
 */
export function useServer(settings: Settings = {}, options: ServerOptions = {}): V1Server {
  const {
    identity = { 'x-auth-token': ADMIN },
    policy,
    filters = ['versionnegotiation', 'fakeauth', 'context'],
  } = options;
  const folder = useFolder({ 'paste.ini': pasteText(filters) });
  let server: ServerUnderTest | undefined;
  const running = (): ServerUnderTest => {
    if (server === undefined) throw new Error('the server has not been started');
    return server;
  };
  const admin = new V1Client(() => running().port, identity);
  test.before(async () => {
    const rules = policy === undefined ? {} : { oslo_policy: { policy_file: 'policy.json' } };
    server = await ServerUnderTest.start({
      paste_deploy: { config_file: join(folder, 'paste.ini') },
      ...rules,
      ...settings,
    });
    if (policy !== undefined) writePolicy(server, policy);
    await options.prepare?.(admin);
  });
  test.after.always('the server stops and leaves nothing behind', async (t) => {
    try {
      t.deepEqual(await leftovers(running(), admin), []);
      options.finish?.();
      await running().stop();
    } finally {
      server?.dispose();
    }
  });
  return {
    get running() {
      return running();
    },
    admin,
    folder,
  };
}

/** Writes the policy file of a server that was started with rules. */
export function writePolicy(server: ServerUnderTest, rules: Readonly<Record<string, string>>): void {
  writeFileSync(join(server.folder, 'policy.json'), JSON.stringify({ default: '', ...rules }));
}

/** A folder for files that a server needs before it starts; gone after the last test of the file. */
export function useFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-files-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  test.after.always('the files are removed', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** All live images that an administrator sees. */
export async function allImages(admin: V1Client): Promise<ReturnType<typeof imagesOf>> {
  return imagesOf(await admin.send('GET', '/v1/images/detail?is_public=None&limit=1000'));
}
