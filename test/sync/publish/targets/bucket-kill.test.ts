import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { RepositoryFile, RepositoryTarget } from '../../../../src/sync/publish/ports.js';
import { PART_BYTES } from '../../../stores/s3/double-rig.js';
import { add, calm, data, kept, run, sha256, text } from '../../../suites/repository-target.js';
import type { Operation } from '../../../support/s3-double/faults.js';
import { type BucketRig, bucketRig } from './bucket-rig.js';

const EVERYTHING: readonly Operation[] = [
  'HeadObject',
  'GetObject',
  'PutObject',
  'CopyObject',
  'DeleteObject',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'ListMultipartUploads',
  'ListObjectsV2',
];

const FIRST = randomBytes(2000);
const SECOND = randomBytes(PART_BYTES + 1);

/** A generation whose list names every image with its hash. */
function files(
  generation: number,
  images: Readonly<Record<string, Buffer>>,
  old: readonly string[] = [],
): RepositoryFile[] {
  const sidecars = Object.keys(images).map((path) => text(`${path}.properties`, `of ${path}`, 'sidecar', true));
  const listed = [
    ...Object.entries(images).map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`),
    ...Object.keys(images).map((path) => `${sha256(`of ${path}`)}  ${path}.properties\n`),
  ].join('');
  return [
    ...Object.entries(images).map(([path, bytes]) => data(path, bytes)),
    ...sidecars,
    ...old.map(kept),
    text('sets/all.SHA256SUMS', listed, 'set'),
    text('SHA256SUMS', listed),
    text('repo.json', `{"generation":${generation}}`, 'info'),
  ];
}

async function publishSecond(target: RepositoryTarget): Promise<void> {
  await run(target, async () => {
    const number = (await target.generation()) + 1;
    if ((await target.readState()) === 'second') return;
    if ((await target.blobSize(sha256(SECOND))) === undefined) await add(target, SECOND);
    const images = { 'images/1/a': FIRST, 'images/2/a': SECOND, 'images/2/b': FIRST };
    await target.publish(number, files(number, images, ['images/0/a', 'images/0/a.properties']), 'second', calm());
  });
}

/** Whoever reads a list finds what it names, with that hash. */
function isWhole(t: ExecutionContext, rig: BucketRig, when: string): void {
  const seen = rig.readers();
  for (const list of ['SHA256SUMS', 'sets/all.SHA256SUMS']) {
    const lines = seen.get(list)?.toString().trim().split('\n') ?? [];
    t.true(lines.length > 1, `${list} ${when}`);
    for (const line of lines) {
      const [digest, path = ''] = line.split('  ');
      t.is(sha256(seen.get(path) ?? ''), digest ?? '', `${path} of ${list} ${when}`);
    }
  }
}

test('killed at any request, readers find a whole repository, and the next run makes the generation', async (t) => {
  let requests = Number.POSITIVE_INFINITY;
  const ends = new Set<string>();
  for (let after = 0; after < requests; after += 1) {
    const rig = await bucketRig({ page: 1000 });
    const first = await rig.publisher('first', [], { copyBytes: PART_BYTES });
    await run(first, async () => {
      await add(first, FIRST);
      await first.publish(1, files(1, { 'images/0/a': FIRST, 'images/1/a': FIRST }), 'first', calm());
    });
    await first.close();
    const before = rig.double.log.length;
    const killed = await rig.publisher('killed', [], { copyBytes: PART_BYTES });
    // A dead process sends nothing any more. The request that it died in was done every other time.
    const done = after % 2 === 0;
    if (done) rig.double.faults.add({ on: EVERYTHING, fault: { kind: 'lose-answer' }, after, times: 1 });
    rig.double.faults.add({ on: EVERYTHING, fault: { kind: 'reset-request', after: 0 }, after });
    const outcome = await publishSecond(killed).then(
      () => 'done',
      () => 'killed',
    );
    ends.add(outcome);
    await killed.close();
    rig.double.faults.clear();
    isWhole(t, rig, `after ${after} requests`);
    if (outcome === 'done') requests = Math.min(requests, rig.double.log.length - before);

    const next = await rig.publisher('next', ['killed'], { copyBytes: PART_BYTES });
    await publishSecond(next);
    isWhole(t, rig, `mended after ${after} requests`);
    const seen = rig.readers();
    t.true(seen.get('images/2/a')?.equals(SECOND), `after ${after} requests`);
    t.is(sha256(seen.get('images/2/b') ?? ''), sha256(FIRST));
    t.true(seen.has('images/0/a'), 'what is kept is kept');
    t.deepEqual(await rig.leftovers(), [], `after ${after} requests`);
    await next.close();
    await rig.dispose();
  }
  t.deepEqual([...ends].sort(), ['done', 'killed'], 'both were tried');
});
