import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readlink, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { Image } from '../../../src/domain/image.js';
import type { Log } from '../../../src/domain/ports/log.js';
import { createHasher } from '../../../src/hashing/hasher.js';
import type { RegistryPorts } from '../../../src/registry/ports.js';
import { createRegistry, type Database } from '../../../src/registry/sql/index.js';
import { DeliveryPlan } from '../../../src/service/delivery.js';
import { Locations } from '../../../src/service/locations.js';
import { type PublishOptions, type PublishResult, publishOnce } from '../../../src/sync/publish/publisher.js';
import type { PublishSet } from '../../../src/sync/publish/sets.js';
import type { PublishSettings } from '../../../src/sync/publish/settings.js';
import { createRegistrySource } from '../../../src/sync/publish/source.js';
import { openFolderTarget } from '../../../src/sync/publish/targets/folder.js';
import { createFilesystemStore } from '../../../stores/filesystem/filesystem-store.js';
import { createStorePool } from '../../../stores/pool.js';
import { openMigrated, silent } from '../../support/databases.js';
import { anImage } from '../../support/image-factory.js';

export const run = promisify(execFile);

export const DAY = 86_400_000;

/** One set, `all`, of every public image, packed with gzip. */
export function aSet(change: Partial<PublishSet> = {}): PublishSet {
  return {
    name: 'all',
    channel: 'all',
    encodings: ['gzip'],
    tagged: false,
    hidden: false,
    retention: {},
    selects: () => true,
    ...change,
  };
}

export function someSettings(change: Partial<PublishSettings> = {}): PublishSettings {
  return {
    publisher: 'Example Images',
    domain: 'example.org',
    sets: [aSet()],
    grace: 7 * DAY,
    lifetime: 30 * DAY,
    jobs: 2,
    program: '1.0.0',
    ...change,
  };
}

/** A registry and a store with images, and a folder to publish them in. */
export interface Rig {
  readonly registry: RegistryPorts;
  readonly db: Database;
  /** Holds everything; `data` has the bytes of images. */
  readonly folder: string;
  readonly data: string;
  /** Where it is published. */
  readonly root: string;
  /** Adds an active, public image with these bytes. */
  add(bytes: Uint8Array | string, fields?: Partial<Image>): Promise<Image>;
  /** Publishes once. The clock stands still unless a time is given. */
  publish(
    options?: Partial<PublishOptions> & { readonly step?: (name: string) => void | Promise<void> },
  ): Promise<PublishResult>;
  /** What publishOnce takes, for those who need more than that. */
  options(options?: Partial<PublishOptions>, step?: (name: string) => void | Promise<void>): Promise<PublishOptions>;
  close(): Promise<void>;
}

/** Opens what there is in a folder, or makes it. Several processes may. */
export async function openRig(folder: string, log: Log = silent): Promise<Rig> {
  const [data, root] = [join(folder, 'data'), join(folder, 'public')];
  const db = await openMigrated(`sqlite:///${join(folder, 'registry.sqlite')}`);
  const registry = createRegistry(db, { now: () => Date.now() * 1000 });
  const store = await createFilesystemStore({ datadirs: [{ path: data, priority: 0 }] });
  const stores = createStorePool([store], 'file');
  const hasher = createHasher();
  const rules = {
    standard: 'proxy' as const,
    networks: [],
    onRequest: false,
    redirectsTokens: false,
    signedSeconds: undefined,
    sendsFiles: false,
  };
  const delivery = new DeliveryPlan(stores, rules);
  const locations = new Locations({ stores, images: registry.images, hasher, delivery, cache: undefined, log });
  const options = async (
    given: Partial<PublishOptions> = {},
    step: (name: string) => void | Promise<void> = () => {},
  ): Promise<PublishOptions> => {
    const settings = given.settings ?? someSettings();
    const tagged = settings.sets.filter((set) => set.tagged).map((set) => set.name);
    return {
      source: createRegistrySource({ images: registry.images, locations, tagged, mayRead: () => true }),
      target: await openFolderTarget({ path: root, step }),
      hasher,
      settings,
      log,
      signal: new AbortController().signal,
      now: () => new Date('2026-11-21T12:00:00Z'),
      ...given,
    };
  };
  return {
    registry,
    db,
    folder,
    data,
    root,
    async add(content, fields = {}) {
      const bytes = Buffer.from(content);
      const id = fields.id ?? randomUUID();
      const chunks = (async function* () {
        yield bytes;
      })();
      const { url } = await store.put(id, chunks, { worker: 'test', signal: new AbortController().signal });
      const image = anImage({
        id,
        status: 'active',
        visibility: 'public',
        size: bytes.length,
        checksum: createHash('md5').update(bytes).digest('hex'),
        hashAlgorithm: 'sha512',
        hashValue: createHash('sha512').update(bytes).digest('hex'),
        locations: [{ url, metadata: {}, status: 'active' }],
        ...fields,
      });
      await registry.images.add(image);
      return image;
    },
    options,
    async publish({ step, ...given } = {}) {
      return publishOnce(await options(given, step));
    },
    async close() {
      await hasher.close();
      await stores.close();
      await db.close();
    },
  };
}

/** A rig that ends with its test. */
export async function useRig(t: ExecutionContext, log?: Log): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-publish-'));
  const rig = await openRig(folder, log);
  t.teardown(async () => {
    await rig.close();
    await rm(folder, { recursive: true });
  });
  return rig;
}

/** Checks every list of a repository with coreutils, from DIR and from DIR/current. Throws with their words. */
export async function coreutilsCheck(root: string): Promise<void> {
  const sets = (await readdir(join(root, 'current', 'sets'))).filter((name) => !/\.(asc|gpg|minisig)$/.test(name));
  for (const cwd of [root, join(root, 'current')]) {
    for (const list of ['md5sum', 'SHA256SUMS', 'SHA512SUMS', ...sets.map((name) => `sets/${name}`)]) {
      const tool = list.endsWith('md5sum') ? 'md5sum' : list.endsWith('SHA256SUMS') ? 'sha256sum' : 'sha512sum';
      await run(tool, ['--check', '--strict', '--quiet', list], { cwd });
    }
  }
}

/** Milliseconds that a generation stays once it was replaced. */
const LINGER = 3_600_000;

/** Makes those generations that were replaced look as if that had been long ago. */
export async function age(root: string): Promise<void> {
  const current = (await readlink(join(root, 'current'))).split('/').at(-1);
  const long = new Date(Date.now() - LINGER - 1000);
  for (const name of await readdir(join(root, '.generations'))) {
    if (name !== current) await utimes(join(root, '.generations', name), long, long);
  }
}

/** What a run leaves behind that it should not: unfinished files, generations whose time is over but the last two, and blobs that none of them has. */
export async function leftovers(root: string): Promise<readonly string[]> {
  const found = (await readdir(join(root, '.tmp'))).map((name) => `.tmp/${name}`);
  const current = Number((await readlink(join(root, 'current'))).split('/').at(-1));
  const generations = (await readdir(join(root, '.generations'))).map(Number);
  const before = Math.max(0, ...generations.filter((number) => number < current));
  for (const number of generations.filter((each) => ![current, before].includes(each))) {
    const { mtimeMs } = await stat(join(root, '.generations', String(number)));
    if (Date.now() - mtimeMs > LINGER) found.push(`generation ${number}`);
  }
  for (const name of await readdir(join(root, '.pool'))) {
    if ((await stat(join(root, '.pool', name))).nlink < 2) found.push(`.pool/${name}`);
  }
  const states = (await readdir(join(root, '.state'))).flatMap(
    (name) => /^generation-(\d+)\.json$/.exec(name)?.[1] ?? [],
  );
  found.push(
    ...states.filter((number) => ![current, before].includes(Number(number))).map((number) => `state ${number}`),
  );
  for (const name of await readdir(root)) {
    const broken = await stat(join(root, name)).then(
      () => false,
      () => true,
    );
    if (broken) found.push(`${name} leads nowhere`);
  }
  return found;
}

/** Every file below a folder with its inode, without those of dot folders; links are not followed. */
export async function inodes(root: string): Promise<ReadonlyMap<string, string>> {
  const tree = join(root, await readlink(join(root, 'current')));
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { ino, mtimeMs } = await stat(path);
    found.set(path.slice(tree.length + 1), `${ino} ${mtimeMs}`);
  }
  return found;
}
