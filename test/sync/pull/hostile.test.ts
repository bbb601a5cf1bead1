import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Draft, RemoteImage } from '../../../src/sync/pull/destination.js';
import { fitForV1 } from '../../../src/sync/pull/destinations/fit-v1.js';
import { checkFreshness } from '../../../src/sync/pull/freshness.js';
import { originOf } from '../../../src/sync/pull/origins.js';
import { withoutSerial } from '../../../src/sync/pull/source-entry.js';
import { newState, writeState } from '../../../src/sync/pull/source-state.js';
import { SyncError } from '../../../src/sync/sync-error.js';
import { actions, MirrorJob } from '../../support/mirror-job.js';
import { newKeyRing } from '../../support/mirror-keys.js';
import { addImage, directoryOf, hexOf, infoOf, type MadeImage } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const DAY = 86_400_000;
const ring = await newKeyRing('openpgp');
const DEBIAN: MadeImage = { name: 'Debian 12', bytes: randomBytes(1000), version: '20261120' };
const ALPINE: MadeImage = { name: 'Alpine', bytes: randomBytes(900), version: '20261120' };

async function rig(t: ExecutionContext, images: readonly MadeImage[] = [DEBIAN, ALPINE]) {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  for (const [index, image] of images.entries()) await addImage(source.files, `images/${index}`, image);
  const job = new MirrorJob(t, source);
  return {
    source,
    job,
    /** Signs a text in the clear and puts both where a reader looks. */
    async sign(name: string, text: string) {
      source.put(name, text);
      source.put(`${name}.asc`, await ring.signer.clearsign(text));
    },
  };
}

/** The lines of a list that match. */
const linesOf = (text: string, pattern: RegExp): string =>
  `${text
    .split('\n')
    .filter((line) => pattern.test(line))
    .join('\n')}\n`;

test('A serial may have every character that serials of others have', (t) => {
  t.is(withoutSerial('x/20261120-1726/a', '20261120-1726'), 'x/*/a');
  t.is(withoutSerial('x/2.0/20/a', '2.0'), 'x/*/20/a');
  for (const serial of ['-', '#&~', '\\^$.*+?()[]{}|/-', '2026_11:20', '🙂'])
    t.is(withoutSerial(`x/${serial}/`, serial), 'x/*/');
});

test('An image whose serial has hyphens is mirrored', async (t) => {
  const { source, job } = await rig(t, [{ ...DEBIAN, version: '20261120-1726' }]);
  source.put('SHA256SUMS', directoryOf(source.files));
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'imported' });
});

test('Who works on an image is on record before the first image of the first run', async (t) => {
  const { source, job } = await rig(t, [DEBIAN]);
  source.put('SHA256SUMS', directoryOf(source.files));
  const create = job.destination.create.bind(job.destination);
  let recorded = '';
  let marked = '';
  job.destination.create = async (draft: Draft) => {
    recorded = existsSync(job.stateFile) ? JSON.parse(readFileSync(job.stateFile, 'utf8')).client : 'nobody';
    marked = draft.properties.get('image_sync_pending') ?? '';
    return create(draft);
  };
  await job.run();
  t.is(recorded, marked, 'a run that is killed here leaves an image that the next one knows');
});

test('A signed md5sum in the place of SHA256SUMS is refused, and none stands for a SHA256SUMS that is withheld', async (t) => {
  const { source, job, sign } = await rig(t);
  const md5 = directoryOf(source.files, 'md5');
  await sign('SHA256SUMS', md5);
  const posing = await job.refusal(t, { trust: ring.trust });
  t.is(posing.kind, 'signature');
  t.regex(posing.message, /SHA256SUMS.*md5/);
  source.files.delete('SHA256SUMS');
  source.files.delete('SHA256SUMS.asc');
  await sign('md5sum', md5);
  const withheld = await job.refusal(t, { trust: ring.trust });
  t.regex(withheld.message, /md5sum/);
  t.deepEqual(job.destination.writes, []);
  // Whoever names it means it.
  t.deepEqual(actions(await job.run({ trust: ring.trust, url: `${source.url}md5sum` })), {
    'Debian 12': 'imported',
    Alpine: 'imported',
  });
  source.files.clear();
  const md5Only = `${['sha256', 'sha512', 'compressed_sha256', 'compressed_sha512'].map((key) => `org.openstack.sync__1__${key}=`).join('\n')}\n`;
  await addImage(source.files, 'images/2', { ...DEBIAN, name: 'Weak', also: md5Only });
  await sign('md5sum', directoryOf(source.files, 'md5'));
  const weak = await job.run({ trust: ring.trust, url: `${source.url}md5sum` });
  t.deepEqual(actions(weak), { Weak: 'imported' });
  t.regex(weak.warnings.join(), /only MD5 or SHA-1 vouches/);
});

test('The signed directory of a set is not taken for that of the repository, nor for that of another set', async (t) => {
  const { source, job, sign } = await rig(t);
  const [now, later] = [new Date(), new Date(Date.now() + 30 * DAY)];
  const info = infoOf(5, now, later);
  for (const path of ['repo/5.json', 'repo/5.small.json', 'repo/5.large.json']) source.put(path, info);
  const all = directoryOf(source.files);
  const root = linesOf(all, / {2}(images\/|repo\/5\.json)/);
  const small = linesOf(all, / {2}(images\/0\/|repo\/5\.small\.json)/);
  const options = { trust: ring.trust, prune: true };
  await sign('SHA256SUMS', root);
  await sign('sets/small.SHA256SUMS', small);
  await job.run(options);
  t.deepEqual(actions(await job.run({ ...options, set: 'small', prefix: 's ' })), { 's Debian 12': 'imported' });
  job.destination.writes.length = 0;
  await sign('SHA256SUMS', small);
  const instead = await job.refusal(t, options);
  t.is(instead.kind, 'signature');
  t.regex(instead.message, /SHA256SUMS.*set "small"/);
  for (const other of [root, linesOf(all, / {2}(images\/|repo\/5\.large\.json)/)]) {
    await sign('sets/small.SHA256SUMS', other);
    t.is((await job.refusal(t, { ...options, set: 'small', prefix: 's ' })).kind, 'signature');
  }
  t.deepEqual(job.destination.writes, []);
});

test('A repository that dates itself into the future is warned of, and does not lock out its successors', async (t) => {
  const { source, job } = await rig(t, [DEBIAN]);
  const publish = (updated: Date) => {
    source.put('repo/5.json', infoOf(5, updated, new Date(updated.getTime() + 30 * DAY)));
    source.put('SHA256SUMS', directoryOf(source.files));
  };
  const now = new Date();
  publish(new Date(now.getTime() + 4000 * DAY));
  t.regex((await job.run({ now })).warnings.join(), /future/);
  publish(now);
  t.deepEqual(actions(await job.run({ now })), { 'Debian 12': 'up-to-date' });
});

test('Images of other projects that are not public are no collision, whoever sees them', async (t) => {
  for (const visibility of ['shared', 'community'] as const) {
    const { source, job } = await rig(t, [DEBIAN]);
    source.put('SHA256SUMS', directoryOf(source.files));
    const theirs: RemoteImage = {
      ...{ id: 'theirs', name: 'Debian 12', status: 'active', visibility, owner: 'another project', size: 1 },
      ...{ checksum: null, hashAlgorithm: null, hashValue: null, diskFormat: 'raw', containerFormat: 'bare' },
      ...{ minDisk: 0, minRam: 0, protected: false, hidden: false, tags: [], properties: new Map() },
    };
    job.destination.images.set('theirs', theirs);
    t.deepEqual(actions(await job.run()), { 'Debian 12': 'imported' }, visibility);
    t.deepEqual(job.destination.images.get('theirs'), theirs);
  }
});

function products(fields: object, items: number): string {
  const item = { ftype: 'disk.img', path: 'images/x.img', size: 1, sha256: '0'.repeat(64) };
  const versions = Object.fromEntries(
    Array.from({ length: items }, (_, index) => [`${index}`, { pubname: 'x', items: { i: item } }]),
  );
  return JSON.stringify({ format: 'products:1.0', content_id: 'a:b', ...fields, products: { 'a:b:c': { versions } } });
}

test('What a products file nests deep, or says once for all of its items, costs nothing per item', async (t) => {
  const { source, job } = await rig(t, []);
  source.put(
    'products.json',
    products({ note: 'NEST' }, 1).replace('"NEST"', `${'['.repeat(200_000)}${']'.repeat(200_000)}`),
  );
  const url = `${source.url}products.json`;
  t.deepEqual(
    (await job.run({ url })).results.map(({ action }) => action),
    ['failed'],
  );
  const large = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key_${index}`, 'v']));
  for (const fields of [{ note: large }, { glance: large }]) {
    source.put('products.json', products(fields, 2000));
    const before = process.memoryUsage().rss;
    await job.run({ url, dryRun: true });
    const grown = process.memoryUsage().rss - before;
    t.true(grown < 300_000_000, `${Object.keys(fields)} took ${grown} bytes`);
  }
});

test('Thousands of versions of one name with a warning each take no time to speak of', async (t) => {
  const { source, job } = await rig(t, []);
  const [lines, sidecars]: [string[], Record<string, string>] = [[], {}];
  for (let index = 0; index < 20_000; index += 1) {
    const text = `org.openstack.sync__1__name=x\norg.openstack.sync__1__unknown${index}=1\ndisk_format=raw\nowner=${index}\n`;
    const digest = hexOf('sha256', text);
    sidecars[`sha256:${digest}`] = text;
    lines.push(`${digest}  images/${index}.properties\n`);
  }
  source.put('SHA256SUMS', lines.join(''));
  // As if they had been read before: what is measured is not the network.
  await writeState(job.stateFile, { ...newState('unsigned'), sidecars });
  const started = process.cpuUsage();
  const outcome = await job.run({ dryRun: true });
  const { user } = process.cpuUsage(started);
  t.is(outcome.results.length, 20_000);
  t.true(user < 8_000_000, `${user / 1e6} s`);
});

test('An FTP server whose greeting never ends is given up, and at once by who is stopped', async (t) => {
  const server = createServer((socket) => {
    const timer = setInterval(() => socket.write('220-welcome\r\n'), 10);
    socket.on('close', () => clearInterval(timer)).on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const url = `ftp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  const job = new MirrorJob(t, { url });
  const times = { answerMs: 300 };
  t.is((await job.refusal(t, { fetch: { times } })).kind, 'unreachable');
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stopped')), 100);
  t.is(await t.throwsAsync(job.run({ signal: controller.signal })), controller.signal.reason);
});

test('--prune leaves alone what only says of itself that it came from here, and what a job of a repository below brought', async (t) => {
  const { source, job } = await rig(t, [DEBIAN]);
  source.put('SHA256SUMS', directoryOf(source.files));
  await addImage(source.files, 'below/images/0', ALPINE);
  source.put(
    'below/SHA256SUMS',
    directoryOf(
      new Map(
        [...source.files].flatMap(([path, bytes]) =>
          path.startsWith('below/images') ? [[path.slice(6), bytes] as const] : [],
        ),
      ),
    ),
  );
  const below = new MirrorJob(t, { url: `${source.url}below/` });
  const { destination } = job;
  await job.run();
  t.deepEqual(actions(await below.run({ destination })), { Alpine: 'imported' });
  const [debian] = destination.images.values();
  if (debian === undefined) return t.fail();
  const forged = new Map([...debian.properties, ['image_sync_source', `${source.url}images/gone/image.properties`]]);
  destination.images.set('forged', { ...debian, id: 'forged', name: 'Forged', properties: forged });
  destination.writes.length = 0;
  const outcome = await job.run({ prune: true });
  t.deepEqual(actions(outcome), { 'Debian 12': 'up-to-date' });
  t.regex(outcome.warnings.join(), /not pruned.*Alpine.*Forged/);
  t.deepEqual(destination.writes, []);
});

test('What a source says of provenance is left out in every way that API v1 would take it', async (t) => {
  const properties = {
    'image-sync-pending': 'forged',
    Image_Sync_Gone: '2000-01-01T00:00:00Z',
    'IMAGE-sync_Source': 'forged',
    'Image-Sync-Replaced': 'forged',
    'OS-Glance-Importing-To-Stores': 'forged',
    fine: 'yes',
  };
  const { source, job } = await rig(t, [{ ...DEBIAN, properties }]);
  source.put('SHA256SUMS', directoryOf(source.files));
  job.destination.fit = fitForV1;
  const outcome = await job.run();
  t.deepEqual(actions(outcome), { 'Debian 12': 'imported' });
  t.is(outcome.warnings.length, 5);
  const second = await job.run();
  t.deepEqual(actions(second), { 'Debian 12': 'up-to-date' });
  t.deepEqual(second.warnings, []);
  t.is(job.destination.images.size, 1);
  const [image] = job.destination.images.values();
  t.deepEqual([...(image?.properties.keys() ?? [])].sort(), [
    'fine',
    'image_source',
    'image_sync_serial',
    'image_sync_source',
  ]);
  t.notRegex(JSON.stringify([...(image?.properties ?? [])]), /forged/);
});

test('A signed repository that stops to say how old it is is refused; an unsigned one is warned of', (t) => {
  const rules = { now: new Date(), allowExpired: false, maxAgeDays: 30, stateFile: 'state.json' };
  const seen = { generation: 5, updated: new Date().toISOString() };
  const error = t.throws(() => checkFreshness(undefined, seen, { ...rules, signed: true }), { instanceOf: SyncError });
  t.is(error?.kind, 'signature');
  t.regex(error?.message ?? '', /no longer says how old it is.*state\.json/);
  t.regex(checkFreshness(undefined, seen, { ...rules, signed: false }).join(), /no longer says how old it is/);
  t.deepEqual(checkFreshness(undefined, undefined, { ...rules, signed: true }), []);
});

test('A source over https leads to nothing that anybody on the way could change, whatever is allowed', (t) => {
  const rules = { home: new URL('https://images.example.org/'), allowForeign: true };
  const error = t.throws(() => originOf(new URL('http://images.example.org/x.raw'), rules), { instanceOf: SyncError });
  t.regex(error?.message ?? '', /gives up encryption/);
  t.is(originOf(new URL('https://cdn.example.org/x.raw'), rules), 'foreign');
});

test('Signed products: those of another stream, and older ones than were seen, are refused; ones behind the index prune nothing', async (t) => {
  const { source, job } = await rig(t, []);
  source.put('images/x.img', DEBIAN.bytes);
  const stamp = (day: number) => new Date(Date.UTC(2026, 10, day)).toUTCString().replace('GMT', '+0000');
  const stream = (id: string, day: number, versions: readonly string[]): string => {
    const item = {
      ftype: 'disk.raw',
      path: 'images/x.img',
      size: DEBIAN.bytes.length,
      sha256: hexOf('sha256', DEBIAN.bytes),
    };
    const all = Object.fromEntries(
      versions.map((version) => [version, { pubname: `x-${version}`, items: { i: item } }]),
    );
    return `${JSON.stringify({ format: 'products:1.0', content_id: id, updated: stamp(day), products: { 'a:b:c': { versions: all } } })}\n`;
  };
  const put = async (name: string, text: string) => source.put(name, await ring.signer.clearsign(text));
  const index = (day: number) =>
    put(
      'streams/v1/index.sjson',
      `${JSON.stringify({ format: 'index:1.0', updated: stamp(day), index: { 'a:stable': { path: 'streams/v1/s.sjson', format: 'products:1.0', datatype: 'image-downloads', updated: stamp(day) } } })}\n`,
    );
  const options = { trust: ring.trust, trustName: 'k', prune: true, now: new Date(Date.UTC(2026, 10, 21)) };
  await index(10);
  await put('streams/v1/s.sjson', stream('a:stable', 10, ['1', '2']));
  t.deepEqual(actions(await job.run(options)), { 'x-1': 'imported', 'x-2': 'imported' });
  job.destination.writes.length = 0;
  await index(12);
  await put('streams/v1/s.sjson', stream('a:stable', 11, ['2']));
  t.deepEqual(
    actions(await job.run(options)),
    { 'x-2': 'up-to-date' },
    'behind the index: it cannot say what has gone',
  );
  await index(13);
  await put('streams/v1/s.sjson', stream('a:daily', 13, ['2']));
  const other = await job.refusal(t, options);
  t.is(other.kind, 'signature');
  t.regex(other.message, /"a:daily".*"a:stable"/);
  await put('streams/v1/s.sjson', stream('a:stable', 13, ['1', '2', '3']));
  await job.run(options);
  job.destination.writes.length = 0;
  await index(14);
  await put('streams/v1/s.sjson', stream('a:stable', 10, ['1', '2']));
  const older = await job.refusal(t, options);
  t.is(older.kind, 'signature');
  t.regex(older.message, /older than what was seen before/);
  t.deepEqual(job.destination.writes, []);
});
