import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { Draft } from '../../../src/sync/pull/destination.js';
import { actions, MirrorJob } from '../../support/mirror-job.js';
import { addImage, directoryOf, type MadeImage } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const DAY = 86_400_000;
const OLD: MadeImage = { name: 'Debian 12', bytes: randomBytes(1000), version: '20261101' };
const NEW: MadeImage = { name: 'Debian 12', bytes: randomBytes(1001), version: '20261120' };

async function rig(t: ExecutionContext) {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  const job = new MirrorJob(t, source);
  return {
    source,
    job,
    /** The source offers these, each in the folder of its product, and nothing else. */
    async offer(...images: readonly (readonly [string, MadeImage])[]) {
      source.files.clear();
      for (const [folder, image] of images) await addImage(source.files, `images/${folder}`, image);
      source.put('SHA256SUMS', directoryOf(source.files));
    },
    /** An image that somebody made by hand. */
    async foreign(bytes: Buffer, fields: Partial<Draft> = {}, owner: string | null = 'ours') {
      const draft = {
        name: 'Debian 12',
        diskFormat: 'raw',
        containerFormat: 'bare',
        minDisk: 0,
        minRam: 0,
        tags: [],
        protected: false,
      };
      const id = await job.destination.create({ ...draft, properties: new Map(), ...fields });
      const image = await job.destination.upload(id, only(bytes), bytes.length, new AbortController().signal);
      job.destination.images.set(id, { ...image, owner, protected: fields.protected ?? false });
      job.destination.writes.length = 0;
      return id;
    },
    names: () => [...job.destination.images.values()].map(({ name }) => name).sort(),
    byName: (name: string) => [...job.destination.images.values()].find((image) => image.name === name),
  };
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('skip, the default: a newer version of the same name stays outside, and the report says how to get it', async (t) => {
  const { job, offer, byName } = await rig(t);
  await offer(['debian', OLD]);
  await job.run();
  await offer(['debian', NEW]);
  const outcome = await job.run();
  t.deepEqual(actions(outcome), { 'Debian 12': 'skipped' });
  t.regex(outcome.results[0]?.reason ?? '', /--on-collision rotate or replace/);
  t.is(byName('Debian 12')?.properties.get('image_sync_serial'), '20261101');
});

test('rotate: the old version goes aside under its serial, the new one has the name; then nothing changes', async (t) => {
  const { job, offer, names, byName } = await rig(t);
  await offer(['debian', OLD]);
  await job.run();
  await offer(['debian', NEW]);
  t.deepEqual(actions(await job.run({ collision: 'rotate' })), { 'Debian 12': 'rotated' });
  t.deepEqual(names(), ['Debian 12', 'Debian 12 (20261101)']);
  t.is(byName('Debian 12')?.properties.get('image_sync_serial'), '20261120');
  t.is(byName('Debian 12')?.visibility, 'public');
  job.destination.writes.length = 0;
  t.deepEqual(actions(await job.run({ collision: 'rotate' })), { 'Debian 12': 'up-to-date' });
  t.deepEqual(job.destination.writes, []);
  job.assertClean(t);
});

test('rotate takes the older versions that the source still has as well; skip and replace the newest alone', async (t) => {
  for (const collision of ['rotate', 'skip', 'replace'] as const) {
    const { job, offer, names } = await rig(t);
    await offer(['debian', OLD], ['debian', NEW]);
    await job.run({ collision });
    t.deepEqual(names(), collision === 'rotate' ? ['Debian 12', 'Debian 12 (20261101)'] : ['Debian 12']);
    job.destination.writes.length = 0;
    await job.run({ collision });
    t.deepEqual(job.destination.writes, []);
  }
});

test('replace: the old version is removed once the new one is there', async (t) => {
  const { job, offer, names, byName } = await rig(t);
  await offer(['debian', { ...OLD, protected: true }]);
  await job.run();
  t.true(byName('Debian 12')?.protected);
  await offer(['debian', NEW]);
  t.deepEqual(actions(await job.run({ collision: 'replace' })), { 'Debian 12': 'replaced' });
  t.deepEqual(names(), ['Debian 12']);
  t.is(byName('Debian 12')?.properties.get('image_sync_serial'), '20261120');
  job.assertClean(t);
});

test('replace that fails leaves the old version as it was', async (t) => {
  const { source, job, offer, names, byName } = await rig(t);
  await offer(['debian', OLD]);
  await job.run();
  await offer(['debian', NEW]);
  source.put('images/debian/20261120/image.raw.gz', 'other bytes');
  t.deepEqual(actions(await job.run({ collision: 'replace' })), { 'Debian 12': 'failed' });
  t.deepEqual(names(), ['Debian 12']);
  t.is(byName('Debian 12')?.properties.get('image_sync_serial'), '20261101');
  job.assertClean(t);
});

test('A failure of the last change takes everything back: names, and the new image', async (t) => {
  const { job, offer, names, byName } = await rig(t);
  await offer(['debian', OLD]);
  await job.run();
  await offer(['debian', NEW]);
  const change = job.destination.change.bind(job.destination);
  job.destination.change = async (id, wanted) => {
    if (wanted.visibility === 'public') throw new Error('publicize_image is forbidden');
    return change(id, wanted);
  };
  t.deepEqual(actions(await job.run({ collision: 'rotate' })), { 'Debian 12': 'failed' });
  t.deepEqual(names(), ['Debian 12']);
  t.is(byName('Debian 12')?.properties.get('image_sync_serial'), '20261101');
  job.assertClean(t);
});

test('An image that somebody made by hand: same bytes are left alone by skip, and taken over by rotate', async (t) => {
  const { job, offer, foreign } = await rig(t);
  await offer(['debian', NEW]);
  const id = await foreign(NEW.bytes);
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'exists' });
  t.deepEqual(job.destination.writes, []);
  t.deepEqual(actions(await job.run({ collision: 'rotate' })), { 'Debian 12': 'refreshed' });
  t.is(job.destination.images.get(id)?.properties.get('image_sync_serial'), '20261120');
});

test('An image that somebody made by hand: other bytes make room as the policy says', async (t) => {
  const { job, offer, foreign, names } = await rig(t);
  await offer(['debian', NEW]);
  const id = await foreign(OLD.bytes);
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'skipped' });
  t.deepEqual(job.destination.writes, []);
  t.deepEqual(actions(await job.run({ collision: 'rotate' })), { 'Debian 12': 'rotated' });
  t.deepEqual(names(), ['Debian 12', `Debian 12 (${id.slice(0, 8)})`]);
});

test('Images of other projects, and protected ones of other makers, are never touched', async (t) => {
  const theirs = await rig(t);
  await theirs.offer(['debian', NEW]);
  const id = await theirs.foreign(OLD.bytes, {}, 'theirs');
  await theirs.job.destination.change(id, { visibility: 'public' });
  theirs.job.destination.writes.length = 0;
  for (const collision of ['rotate', 'replace'] as const) {
    const outcome = await theirs.job.run({ collision });
    t.regex(outcome.results[0]?.reason ?? '', /belongs to another project/);
  }
  t.deepEqual(theirs.job.destination.writes, []);
  const guarded = await rig(t);
  await guarded.offer(['debian', NEW]);
  await guarded.foreign(OLD.bytes, { protected: true });
  t.regex((await guarded.job.run({ collision: 'replace' })).results[0]?.reason ?? '', /is protected/);
  t.deepEqual(guarded.job.destination.writes, []);
});

test('A private image of another project, which an administrator sees, is no collision', async (t) => {
  const { job, offer, foreign } = await rig(t);
  await offer(['debian', NEW]);
  await foreign(OLD.bytes, {}, 'theirs');
  t.deepEqual(actions(await job.run()), { 'Debian 12': 'imported' });
});

test('Two products of one name are two images, also the second time and with new versions', async (t) => {
  const { job, offer, names } = await rig(t);
  const arm = { ...NEW, bytes: randomBytes(500) };
  await offer(['amd64', OLD], ['arm64', arm]);
  await job.run({ collision: 'rotate' });
  t.deepEqual(names(), ['Debian 12', 'Debian 12']);
  job.destination.writes.length = 0;
  await job.run({ collision: 'rotate' });
  t.deepEqual(job.destination.writes, []);
  await offer(['amd64', NEW], ['arm64', arm]);
  await job.run({ collision: 'rotate' });
  t.deepEqual(names(), ['Debian 12', 'Debian 12', 'Debian 12 (20261101)']);
});

test('--prune hides what is gone, deletes it after the time of grace, and brings it back when it is back', async (t) => {
  const { job, offer, byName, foreign } = await rig(t);
  const other: MadeImage = { name: 'Alpine', bytes: randomBytes(10), version: '20261101' };
  const both = () => offer(['debian', OLD], ['alpine', other]);
  await both();
  await foreign(randomBytes(20), { name: 'by hand' });
  await job.run();
  await offer(['debian', OLD]);
  const now = new Date('2026-11-21T00:00:00Z');
  const after = (days: number) => ({ prune: true, graceDays: 7, now: new Date(now.getTime() + days * DAY) });
  t.deepEqual(actions(await job.run({ now })), { 'Debian 12': 'up-to-date' }, 'kept by default');
  t.deepEqual(actions(await job.run(after(0))), { 'Debian 12': 'up-to-date', Alpine: 'hidden' });
  t.deepEqual([byName('Alpine')?.hidden, byName('Alpine')?.visibility], [true, 'community']);
  t.deepEqual(actions(await job.run(after(6.9))), { 'Debian 12': 'up-to-date', Alpine: 'waiting' });
  await both();
  t.deepEqual(actions(await job.run(after(6.9))), { 'Debian 12': 'up-to-date', Alpine: 'refreshed' });
  t.deepEqual([byName('Alpine')?.hidden, byName('Alpine')?.visibility], [false, 'public']);
  await offer(['debian', OLD]);
  await job.run(after(8));
  t.deepEqual(actions(await job.run(after(15))), { 'Debian 12': 'up-to-date', Alpine: 'deleted' });
  t.is(byName('Alpine'), undefined);
  t.not(byName('by hand'), undefined);
});

test('--prune spares what a filter or another prefix leaves out, and everything when something failed', async (t) => {
  const { source, job, offer, names } = await rig(t);
  const other: MadeImage = { name: 'Alpine', bytes: randomBytes(10), version: '20261101' };
  await offer(['debian', OLD], ['alpine', other]);
  await job.run();
  await job.run({ prefix: 'x/' });
  const filters = [(fields: ReadonlyMap<string, string>) => fields.get('name') === 'Alpine'];
  t.deepEqual(actions(await job.run({ prune: true, filters })), { Alpine: 'up-to-date' });
  await offer(['debian', OLD]);
  t.deepEqual(actions(await job.run({ prune: true, prefix: 'x/' })), {
    'x/Debian 12': 'up-to-date',
    'x/Alpine': 'hidden',
  });
  await offer(['debian', OLD], ['new', { ...NEW, name: 'New' }]);
  source.put('images/new/20261120/image.raw.gz', 'wrong');
  const outcome = await job.run({ prune: true });
  t.deepEqual(actions(outcome), { 'Debian 12': 'up-to-date', New: 'failed' });
  t.regex(outcome.warnings.join(), /nothing is pruned: something failed/);
  t.deepEqual(names(), ['Alpine', 'Debian 12', 'x/Alpine', 'x/Debian 12']);
});

test('--prune refuses a part of a repository', async (t) => {
  const { source, job, offer } = await rig(t);
  await offer(['debian', OLD]);
  source.put('sets/a.SHA256SUMS', source.files.get('SHA256SUMS') ?? '');
  for (const part of ['images/debian/20261101/image.properties', 'sets/a.SHA256SUMS']) {
    const error = await job.refusal(t, { url: source.url + part, prune: true });
    t.is(error.kind, 'usage');
  }
  t.deepEqual(job.destination.writes, []);
});
