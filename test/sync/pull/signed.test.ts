import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { actions, failure, MirrorJob } from '../../support/mirror-job.js';
import { newKeyRing } from '../../support/mirror-keys.js';
import { addImage, directoryOf, infoOf } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const DAY = 86_400_000;
const [openpgp, stranger, minisign, otherMinisign] = await Promise.all([
  newKeyRing('openpgp'),
  newKeyRing('openpgp'),
  newKeyRing('minisign'),
  newKeyRing('minisign'),
]);

async function rig(t: ExecutionContext) {
  const source = await MirrorSource.open();
  t.teardown(() => source.close());
  await addImage(source.files, 'images/0', { name: 'Signed', bytes: randomBytes(1000), version: '20261120' });
  const job = new MirrorJob(t, source);
  const text = () => directoryOf(source.files);
  return {
    source,
    job,
    text,
    async clearsign(ring = openpgp, name = 'SHA256SUMS') {
      source.put(name, text());
      source.put(`${name}.asc`, await ring.signer.clearsign(text()));
    },
    async detach(ring = openpgp) {
      source.put('SHA256SUMS', text());
      source.put('SHA256SUMS.gpg', Buffer.from(await ring.signer.detached(Buffer.from(text()))));
    },
    async minisign(ring = minisign, name = 'SHA256SUMS') {
      source.put('SHA256SUMS', text());
      source.put('SHA256SUMS.minisig', (await ring.signer.minisign(Buffer.from(text()), name))[0] ?? '');
    },
  };
}

test('A clearsigned directory is believed, and asked for alone the second time', async (t) => {
  const { source, job, clearsign } = await rig(t);
  await clearsign();
  t.deepEqual(actions(await job.run({ trust: openpgp.trust, trustName: 'k' })), { Signed: 'imported' });
  const before = source.requests.length;
  t.deepEqual(actions(await job.run({ trust: openpgp.trust, trustName: 'k' })), { Signed: 'up-to-date' });
  t.deepEqual(source.requests.slice(before), ['SHA256SUMS.asc']);
});

test('So are a detached signature and one of minisign; unchanged, they cost one request', async (t) => {
  for (const kind of ['detach', 'minisign'] as const) {
    const made = await rig(t);
    await made[kind]();
    const { trust } = kind === 'detach' ? openpgp : minisign;
    t.deepEqual(actions(await made.job.run({ trust, trustName: 'k' })), { Signed: 'imported' });
    const before = made.source.requests.length;
    t.deepEqual(actions(await made.job.run({ trust, trustName: 'k' })), { Signed: 'up-to-date' });
    t.deepEqual(made.source.requests.slice(before), ['SHA256SUMS']);
  }
});

test('A second key of minisign is found behind its number', async (t) => {
  const { source, job, minisign: sign, text } = await rig(t);
  await sign(otherMinisign);
  const [id = ''] = minisign.trust.minisignIds;
  source.put(`SHA256SUMS.minisig.${id}`, (await minisign.signer.minisign(Buffer.from(text()), 'SHA256SUMS'))[0] ?? '');
  t.deepEqual(actions(await job.run({ trust: minisign.trust })), { Signed: 'imported' });
});

test('Without a signature, with a wrong one, and with that of another key nothing is mirrored', async (t) => {
  const { source, job, text, clearsign, detach, minisign: minisigned } = await rig(t);
  const refused = async (why: RegExp, trust = openpgp.trust) => {
    const error = await job.refusal(t, { trust });
    t.is(error.kind, 'signature');
    t.regex(error.message, why);
    t.deepEqual(job.destination.writes, []);
    job.assertClean(t);
    for (const path of [...source.files.keys()]) if (path.startsWith('SHA256SUMS')) source.files.delete(path);
  };
  source.put('SHA256SUMS', text());
  await refused(/SHA256SUMS is not signed in a way that the keys can verify/);
  await clearsign(stranger);
  await refused(/SHA256SUMS\.asc: /);
  await detach(stranger);
  await refused(/SHA256SUMS\.gpg: /);
  await clearsign();
  source.put('SHA256SUMS.asc', source.files.get('SHA256SUMS.asc')?.toString().replace('images/0', 'images/1') ?? '');
  await refused(/SHA256SUMS\.asc: /);
  await detach();
  source.put('SHA256SUMS', `${text()}${'0'.repeat(64)}  images/evil.properties\n`);
  await refused(/SHA256SUMS\.gpg: /);
  await minisigned(otherMinisign);
  await refused(/SHA256SUMS\.minisig: /, minisign.trust);
  await minisigned(minisign, 'another-file');
  await refused(/the signature is that of "another-file"/, minisign.trust);
});

test('A signed md5sum does not stand for an SHA256SUMS that is there without a signature', async (t) => {
  const { source, job, text, clearsign } = await rig(t);
  await clearsign(openpgp, 'md5sum');
  source.put('SHA256SUMS', text());
  t.is((await job.refusal(t, { trust: openpgp.trust })).kind, 'signature');
});

test('A directory that is swapped under its signature is read once more', async (t) => {
  const { source, job, detach } = await rig(t);
  await detach();
  const [text, signature] = [source.files.get('SHA256SUMS'), source.files.get('SHA256SUMS.gpg')];
  source.put('SHA256SUMS', 'the old one\n');
  source.behaviours.set('SHA256SUMS.gpg', (_, response) => {
    // The publisher has got on by the time that the signature is sent.
    source.put('SHA256SUMS', text ?? '');
    response.end(signature);
  });
  t.deepEqual(actions(await job.run({ trust: openpgp.trust })), { Signed: 'imported' });
});

test('What was read without keys is not believed by a run with keys', async (t) => {
  const { source, job, text } = await rig(t);
  source.put('SHA256SUMS', text());
  await job.run();
  t.is((await job.refusal(t, { trust: openpgp.trust, trustName: 'k' })).kind, 'signature');
});

test('With keys, bytes that no hash vouches for are not taken', async (t) => {
  const { source, job, clearsign } = await rig(t);
  source.files.clear();
  source.put('images/x.properties', 'org.openstack.sync__1__image=../data.raw\ndisk_format=raw\n');
  source.put('data.raw', 'anything');
  await clearsign();
  t.regex(failure(t, await job.run({ trust: openpgp.trust })), /no hash vouches for its bytes/);
  job.assertClean(t);
  const outcome = await job.run();
  t.deepEqual(actions(outcome), { data: 'imported' });
  t.regex(outcome.warnings.join(), /no hash vouches for its bytes/);
});

test('A repository that is older than one that was seen is refused, signed or not', async (t) => {
  const { source, job, text } = await rig(t);
  const now = new Date('2026-11-21T12:00:00Z');
  const publish = (generation: number, updated: number) => {
    for (const path of [...source.files.keys()]) if (path.startsWith('repo/')) source.files.delete(path);
    source.put(`repo/${generation}.json`, infoOf(generation, new Date(updated), new Date(updated + 14 * DAY)));
    source.put('SHA256SUMS', text());
  };
  publish(7, now.getTime() - DAY);
  t.deepEqual(actions(await job.run({ now })), { Signed: 'imported' });
  publish(6, now.getTime() - 2 * DAY);
  const error = await job.refusal(t, { now });
  t.is(error.kind, 'signature');
  t.regex(error.message, /generation 6\), older than what was seen before: .* \(generation 7\)/);
  publish(6, now.getTime() - DAY);
  t.is((await job.refusal(t, { now })).kind, 'signature', 'the same time, an older generation');
  publish(1, now.getTime());
  t.deepEqual(actions(await job.run({ now })), { Signed: 'up-to-date' }, 'a publisher that started anew');
});

test('Without a description of the generation the time of the signature counts', async (t) => {
  const { source, job, clearsign } = await rig(t);
  await clearsign();
  const old = source.files.get('SHA256SUMS.asc') ?? '';
  // Signatures count in seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await clearsign();
  await job.run({ trust: openpgp.trust });
  source.put('SHA256SUMS.asc', old);
  t.regex((await job.refusal(t, { trust: openpgp.trust })).message, /older than what was seen before/);
});

test('Behind its time a signed repository is refused, an unsigned one warned of; so is one that does not change', async (t) => {
  const { source, job, clearsign } = await rig(t);
  const now = new Date('2026-11-21T12:00:00Z');
  source.put('repo/3.json', infoOf(3, new Date(now.getTime() - 40 * DAY), new Date(now.getTime() - DAY)));
  await clearsign();
  const unsigned = await job.run({ now, maxAgeDays: 30 });
  t.deepEqual(actions(unsigned), { Signed: 'imported' });
  t.regex(unsigned.warnings.join('\n'), /expired on 2026-11-20T12:00:00\.000Z\n.*has not changed for 40 days/);
  const error = await job.refusal(t, { now, trust: openpgp.trust, trustName: 'k' });
  t.is(error.kind, 'signature');
  t.regex(error.message, /expired on 2026-11-20.*--allow-expired/);
  const allowed = await job.run({ now, trust: openpgp.trust, trustName: 'k', allowExpired: true });
  t.deepEqual(actions(allowed), { Signed: 'up-to-date' });
});

test('Time runs out without a change too: a server that always says "unchanged" is noticed', async (t) => {
  const { source, job, clearsign } = await rig(t);
  const now = new Date('2026-11-21T12:00:00Z');
  source.put('repo/3.json', infoOf(3, now, new Date(now.getTime() + 14 * DAY)));
  await clearsign();
  await job.run({ now, trust: openpgp.trust, trustName: 'k' });
  const later = new Date(now.getTime() + 15 * DAY);
  t.is((await job.refusal(t, { now: later, trust: openpgp.trust, trustName: 'k' })).kind, 'signature');
});
