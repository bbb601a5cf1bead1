import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isProvenance } from '../../src/sync/pull/provenance.js';
import { type Outcome, program, workFolder } from '../cli/program.js';
import { qcow2 } from '../inspect/crafted.js';
import { NGINX, nginxWithSample } from '../support/repository-nginx.js';
import { ServerUnderTest } from '../support/server.js';
import { V1Client } from '../support/v1-client.js';
import { V2Client, type V2Image } from '../support/v2-client.js';

/** A registry, and what it holds as its API v2 shows it. */
interface Registry {
  readonly server: ServerUnderTest;
  readonly api: V2Client;
}

async function registry(t: ExecutionContext): Promise<Registry> {
  const server = await ServerUnderTest.start();
  t.teardown(() => server.dispose());
  return { server, api: new V2Client(new V1Client(() => server.port)) };
}

const PUBLIC = { container_format: 'bare', visibility: 'public' };
const NAMES = ['Debian 12', 'cirros-0.6.2', 'Grüße, 世界', 'plain', 'a/b~c'];

/** Properties that API v1 cannot carry, and such whose names mean something in a repository. */
const ODD = {
  'MixedCase-and-hyphens': 'x',
  'slash/tilde~ and blank': 'y',
  größe: 'z',
  lines: 'one\ntwo\r\n\tthree\\',
  blanks: '  both ends  ',
  is_public: 'perhaps',
  size_: '5',
  'org.openstack.sync__1__size': '5',
  'org.openstack.sync__1__property__x': 'p',
  __proto__x: 'q',
};

/** Images of every sort; `odd` are further properties of one. */
async function fill({ api }: Registry, odd: Readonly<Record<string, string>>): Promise<void> {
  await api.create(
    {
      ...PUBLIC,
      name: NAMES[0],
      disk_format: 'qcow2',
      min_disk: 8,
      min_ram: 512,
      architecture: 'x86_64',
      os_distro: 'debian',
      os_version: '12',
      'org.openstack__1__os_distro': 'debian.org',
      hw_disk_bus: 'scsi',
      'com.example.note': 'Grüße = "ä" \\ # ! : 世界',
      empty: '',
      tags: ['stable', 'a, b', 'ö%'],
    },
    Buffer.concat([qcow2(), randomBytes(1_000_000)]),
  );
  await api.create(
    { ...PUBLIC, name: NAMES[1], disk_format: 'raw', protected: true, long: 'x'.repeat(3000) },
    randomBytes(300_000),
  );
  await api.create(
    { ...PUBLIC, name: NAMES[2], disk_format: 'raw', os_admin_user: '日本', ...odd },
    Buffer.alloc(2_000_000, 'text '),
  );
  await api.create({ ...PUBLIC, name: NAMES[3], disk_format: 'raw' }, 'x');
  await api.create(
    {
      ...PUBLIC,
      name: NAMES[4],
      disk_format: 'ami',
      container_format: 'ami',
      kernel_id: '6f2d1a8e-0000-4000-8000-000000000001',
    },
    randomBytes(10),
  );
  await api.create({ name: 'private', disk_format: 'raw', container_format: 'bare' }, 'secret');
}

const SERVERS = ['id', 'self', 'file', 'schema', 'created_at', 'updated_at', 'owner', 'virtual_size'];

/** The images as they must be on both sides: without what belongs to a server, with a hash of the bytes that it gives out. */
async function contents(
  { api }: Registry,
  without: readonly string[] = [],
): Promise<readonly (readonly [name: string | null, image: object])[]> {
  const { images } = await api.list('?visibility=public&limit=100');
  const whole = images.map(async (image) => {
    const { body } = await api.get(`/v2/images/${image.id}/file`);
    const bytes = createHash('sha512').update(body).digest('hex');
    const kept = Object.entries(image).filter(
      ([name]) => ![...SERVERS, ...without].includes(name) && !isProvenance(name),
    );
    const tags = without.includes('tags') ? {} : { tags: [...image.tags].sort() };
    return [image.name, { ...Object.fromEntries(kept), ...tags, bytes }] as const;
  });
  return (await Promise.all(whole)).sort(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1));
}

/** Ids and times of change by name: what a run that changes nothing leaves. */
async function stamps({ api }: Registry): Promise<ReadonlyMap<string | null, string>> {
  const { images } = await api.list('?limit=100');
  return new Map(images.map(({ name, id, updated_at }: V2Image) => [name, `${id} ${updated_at}`]));
}

/** Requests of a server's log that write, from this many of its characters on. */
function writes({ server }: Registry, from: number): readonly string[] {
  const lines = server.output.slice(from).split('\n');
  return lines.flatMap((line) => {
    const [, method, path] = /"?(POST|PUT|PATCH|DELETE)[" ].*?(\/v[12]\/[^ "]*)/.exec(line) ?? [];
    return method === undefined ? [] : [`${method} ${path?.replace(/[0-9a-f]{8}-[-0-9a-f]{27}/g, 'ID')}`];
  });
}

interface Run {
  /** Names of the images by what was done. */
  readonly done: Readonly<Record<string, readonly string[]>>;
  readonly writes: readonly string[];
}

/** Ways from the repository into a second registry, and what the API on the way cannot carry. */
const WAYS: readonly (readonly [
  title: string,
  options: (to: Registry) => readonly string[],
  lost: readonly string[],
])[] = [
  ['API v2', ({ server }) => ['--os-endpoint', `http://127.0.0.1:${server.port}`], []],
  [
    'API v1',
    ({ server }) => ['--os-endpoint', `http://127.0.0.1:${server.port}`, '--os-image-api-version', '1'],
    ['tags'],
  ],
  ['the registry of a configuration', ({ server }) => ['--config-file', join(server.folder, 'glance-api.conf')], []],
];

const ways = NGINX === undefined ? test.skip : test.serial;
for (const [title, options, lost] of WAYS) {
  ways(`registry -> repository -> nginx -> image-sync -> registry, by ${title} (needs nginx)`, async (t) => {
    t.timeout(240_000);
    const folder = workFolder(t);
    const [from, to] = [await registry(t), await registry(t)];
    await fill(from, lost.length === 0 ? ODD : {});
    const repository = join(folder, 'repository');
    const publish = async (): Promise<void> => {
      const config = join(from.server.folder, 'glance-api.conf');
      succeeded(t, await program('main', ['publish', '--config-file', config, repository], folder));
    };
    await publish();
    const url = `http://127.0.0.1:${await nginxWithSample(t, repository)}/`;
    const sync = async (...more: readonly string[]): Promise<Run> => {
      const logged = to.server.output.length;
      const outcome = await program('cli/image-sync', [url, '--unsigned', '--json', ...options(to), ...more], folder);
      succeeded(t, outcome);
      return { done: actionsOf(outcome), writes: writes(to, logged) };
    };

    t.deepEqual((await sync()).done, { imported: [...NAMES].sort() });
    t.deepEqual(await contents(to, lost), await contents(from, lost));
    t.is((await stamps(to)).size, NAMES.length, 'nothing else came');

    const before = await stamps(to);
    const again = await sync();
    t.deepEqual(again, { done: { 'up-to-date': [...NAMES].sort() }, writes: [] });
    t.deepEqual(await stamps(to), before);

    const [first = '', ...others] = NAMES;
    await replaceImage(from, first);
    await publish();
    const moved = await sync('--on-collision', 'replace');
    t.deepEqual(moved.done, { replaced: [first], 'up-to-date': others.sort() });
    t.deepEqual(await contents(to, lost), await contents(from, lost));
    assertOnlyMoved(t, before, await stamps(to), first);
    if (title !== 'the registry of a configuration') {
      t.is(moved.writes.filter((line) => /^POST \/v\d\/images$/.test(line)).length, 1, moved.writes.join());
    }

    await changeProperties(from, first);
    await publish();
    const earlier = await stamps(to);
    const refreshed = await sync();
    t.deepEqual(refreshed.done, { refreshed: [first], 'up-to-date': others.sort() });
    t.deepEqual(await contents(to, lost), await contents(from, lost));
    assertOnlyMoved(t, earlier, await stamps(to), first);
    t.deepEqual(
      refreshed.writes.filter((line) => /^POST|^DELETE|\/file/.test(line)),
      [],
      'no bytes move',
    );
    t.deepEqual((await sync()).writes, []);
    await to.server.stop();
    await from.server.stop();
  });
}

function succeeded(t: ExecutionContext, { code, stdout, stderr }: Outcome): void {
  t.is(code, 0, `${stdout}\n${stderr}`);
}

function actionsOf({ stdout }: Outcome): Readonly<Record<string, readonly string[]>> {
  const { results }: { results: { action: string; name: string }[] } = JSON.parse(stdout);
  const actions = [...new Set(results.map(({ action }) => action))];
  const named = (wanted: string) => results.filter(({ action }) => action === wanted).map(({ name }) => name);
  return Object.fromEntries(actions.map((action) => [action, named(action).sort()]));
}

/** The same image with other bytes: a new one under the name of the old. */
async function replaceImage({ api }: Registry, name: string): Promise<void> {
  const { images } = await api.list(`?name=${encodeURIComponent(name)}`);
  for (const { id } of images) await api.expect(204, 'DELETE', `/v2/images/${id}`);
  await api.create(
    { ...PUBLIC, name, disk_format: 'qcow2', os_distro: 'debian' },
    Buffer.concat([qcow2(), randomBytes(1000)]),
  );
}

async function changeProperties({ api }: Registry, name: string): Promise<void> {
  const { images } = await api.list(`?name=${encodeURIComponent(name)}`);
  for (const { id } of images) {
    const operations = [
      { op: 'add', path: '/hw_disk_bus', value: 'virtio' },
      { op: 'remove', path: '/os_distro' },
      { op: 'replace', path: '/min_ram', value: 1024 },
    ];
    const answer = await api.patch(id, operations);
    if (answer.status !== 200) throw new Error(answer.text);
  }
}

function assertOnlyMoved(
  t: ExecutionContext,
  before: ReadonlyMap<string | null, string>,
  after: ReadonlyMap<string | null, string>,
  name: string,
): void {
  const moved = [...after].filter(([one, stamp]) => before.get(one) !== stamp).map(([one]) => one);
  t.deepEqual(moved, [name]);
}
