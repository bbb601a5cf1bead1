import { createHash, randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { isRegistryError } from '../../src/domain/errors.js';
import type { Phase, RepositoryFile, RepositoryTarget } from '../../src/sync/publish/ports.js';

/** One place for repositories, and those who look at it. */
export interface TargetRig {
  /** A publisher of its own, as another process would have it. */
  open(): Promise<RepositoryTarget>;
  /** What unfinished work left: temporary files, open uploads, blobs that nothing needs. */
  leftovers(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export const calm = (): AbortSignal => new AbortController().signal;

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export function text(path: string, content: string, phase: Phase = 'directory', immutable = false): RepositoryFile {
  return { path, phase, content: { text: Buffer.from(content) }, immutable };
}

export function data(path: string, bytes: Uint8Array): RepositoryFile {
  return { path, phase: 'data', content: { blob: sha256(bytes), size: bytes.byteLength }, immutable: true };
}

export function kept(path: string): RepositoryFile {
  return { path, phase: 'data', content: { kept: true }, immutable: true };
}

/** Puts a blob into the pool in chunks whose memory is used again, as the port allows. */
export async function add(
  target: RepositoryTarget,
  bytes: Uint8Array,
  sealed = async () => sha256(bytes),
): Promise<void> {
  const reused = Buffer.alloc(70_000);
  const chunks = async function* () {
    for (let at = 0; at < bytes.byteLength; at += reused.length) {
      const part = bytes.subarray(at, at + reused.length);
      reused.set(part);
      yield reused.subarray(0, part.byteLength);
    }
  };
  await target.addBlob(chunks(), sealed, calm());
}

export async function bytesOf(source: AsyncIterable<Uint8Array> | undefined): Promise<Buffer | undefined> {
  if (source === undefined) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

export async function pathsOf(target: RepositoryTarget): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const path of target.paths()) paths.push(path);
  return paths.sort();
}

/** One run of a publisher: under the lock, repaired first and cleaned last. */
export async function run(target: RepositoryTarget, act: () => Promise<void>): Promise<void> {
  const release = await target.lock();
  try {
    await target.repair();
    await act();
    await target.clean(0);
  } finally {
    await release();
  }
}

/** What every place for repositories must do (see RepositoryTarget). */
export function repositoryTargetSuite(name: string, createRig: () => Promise<TargetRig>): void {
  const check = (
    title: string,
    body: (t: ExecutionContext, rig: TargetRig, target: RepositoryTarget) => Promise<void>,
  ) =>
    test(`${name}: ${title}`, async (t) => {
      const rig = await createRig();
      const target = await rig.open();
      try {
        await body(t, rig, target);
        t.deepEqual(await rig.leftovers(), []);
      } finally {
        await target.close();
        await rig.dispose();
      }
    });
  const seen = async (target: RepositoryTarget, path: string): Promise<string | undefined> =>
    (await bytesOf(await target.read(path)))?.toString();

  check('before the first generation there is nothing', async (t, _rig, target) => {
    await run(target, async () => {
      t.is(await target.generation(), 0);
      t.is(await target.readState(), undefined);
      t.is(await target.readRecord('known-blobs'), undefined);
      t.is(await target.blobSize(sha256('nothing')), undefined);
    });
    t.deepEqual(await pathsOf(target), []);
    t.is(await target.read('SHA256SUMS'), undefined);
  });

  check('a generation is what was handed over, and the next one takes its place', async (t, rig, target) => {
    const image = randomBytes(300_001);
    await run(target, async () => {
      await add(target, image);
      t.is(await target.blobSize(sha256(image)), image.length);
      t.true((await bytesOf(target.readBlob(sha256(image))))?.equals(image));
      const files = [
        data('images/a/1/a.gz', image),
        text('images/a/1/a.properties', 'x', 'sidecar'),
        text('SHA256SUMS', 'one'),
      ];
      await target.publish(1, files, 'state one', calm());
    });
    t.deepEqual(await pathsOf(target), ['SHA256SUMS', 'images/a/1/a.gz', 'images/a/1/a.properties']);
    t.true((await bytesOf(await target.read('images/a/1/a.gz')))?.equals(image));
    t.is(await seen(target, 'SHA256SUMS'), 'one');

    const other = await rig.open();
    await run(other, async () => {
      t.is(await other.generation(), 1);
      t.is(await other.readState(), 'state one');
      t.is(await other.blobSize(sha256(image)), image.length, 'what is published need not come again');
      const files = [
        data('images/a/2/a.gz', image),
        kept('images/a/1/a.gz'),
        kept('never/there'),
        text('SHA256SUMS', 'two'),
      ];
      await other.publish(2, files, 'state two', calm());
    });
    for (const path of ['images/a/1/a.gz', 'images/a/2/a.gz']) {
      t.true((await bytesOf(await other.read(path)))?.equals(image), path);
    }
    t.is(await seen(other, 'SHA256SUMS'), 'two');
    t.is(await other.read('never/there'), undefined);
    await other.close();

    // What left is gone when the generation that had it is no longer the one before.
    for (const generation of [3, 4]) {
      await run(target, () =>
        target.publish(generation, [data('images/a/2/a.gz', image)], `state ${generation}`, calm()),
      );
    }
    t.deepEqual(await pathsOf(target), ['images/a/2/a.gz']);
    t.is(await target.readState(), 'state 4');
    t.is(await target.generation(), 4);
  });

  check('a blob whose path changes is not asked for again', async (t, _rig, target) => {
    const image = randomBytes(10_000);
    await run(target, async () => {
      await add(target, image);
      await target.publish(1, [data('images/a/1/a', image)], '1', calm());
    });
    for (const generation of [2, 3, 4]) {
      await run(target, async () => {
        t.is(await target.blobSize(sha256(image)), image.length);
        await target.publish(generation, [data(`images/a/${generation}/a`, image)], '', calm());
      });
      t.true((await bytesOf(await target.read(`images/a/${generation}/a`)))?.equals(image));
    }
  });

  check('two paths of one blob', async (t, _rig, target) => {
    const image = randomBytes(1000);
    await run(target, async () => {
      await add(target, image);
      await add(target, image);
      await target.publish(1, [data('images/a', image), data('images/b', image)], '', calm());
    });
    for (const path of ['images/a', 'images/b']) t.true((await bytesOf(await target.read(path)))?.equals(image));
  });

  check('of a blob that did not come to its end nothing is kept', async (t, _rig, target) => {
    const image = randomBytes(200_000);
    const broken = new Error('the source broke');
    await run(target, async () => {
      const source = async function* () {
        yield image.subarray(0, 1000);
        throw broken;
      };
      t.is(await t.throwsAsync(target.addBlob(source(), async () => sha256(image), calm())), broken);
      t.is(await t.throwsAsync(add(target, image, () => Promise.reject(broken))), broken);
      const abort = new AbortController();
      const stopped = async function* () {
        yield image;
        abort.abort(broken);
        yield image;
      };
      await t.throwsAsync(target.addBlob(stopped(), async () => sha256(image), abort.signal));
      t.is(await target.blobSize(sha256(image)), undefined);
    });
  });

  check('a damaged blob is taken out and comes again', async (t, _rig, target) => {
    const image = randomBytes(1000);
    await run(target, async () => {
      await add(target, image);
      await target.publish(1, [data('images/a', image)], '', calm());
    });
    await run(target, async () => {
      await target.removeBlob(sha256(image));
      await target.removeBlob(sha256('never there'));
      await add(target, image);
      t.is(await target.blobSize(sha256(image)), image.length);
      await target.publish(2, [data('images/a', image)], '', calm());
    });
    t.true((await bytesOf(await target.read('images/a')))?.equals(image));
  });

  check('a generation that cannot be made leaves the one before', async (t, rig, target) => {
    await run(target, () => target.publish(1, [text('SHA256SUMS', 'one')], 'one', calm()));
    const missing = data('images/a', Buffer.from('never added'));
    await t.throwsAsync(run(target, () => target.publish(2, [missing, text('SHA256SUMS', 'two')], 'two', calm())));
    const aborted = AbortSignal.abort(new Error('stopped'));
    await t.throwsAsync(run(target, () => target.publish(2, [text('SHA256SUMS', 'two')], 'two', aborted)));
    const other = await rig.open();
    t.is(await seen(other, 'SHA256SUMS'), 'one');
    await run(other, async () => {
      t.is(await other.readState(), 'one');
      t.is(await other.generation(), 1);
    });
    await other.close();
  });

  check('one publisher at a time', async (t, rig, target) => {
    const release = await target.lock();
    const other = await rig.open();
    t.true(isRegistryError(await t.throwsAsync(other.lock()), 'busy'));
    await release();
    await (await other.lock())();
    await other.close();
  });

  check('records and the trace are replaced', async (t, rig, target) => {
    await run(target, async () => {
      await target.publish(1, [text('SHA256SUMS', 'one'), text('trace/here', 'first', 'info')], '', calm());
      await target.writeRecord('known-blobs', 'a');
      await target.writeRecord('known-blobs', 'b');
      await target.touch('trace/here', Buffer.from('second'));
    });
    const other = await rig.open();
    t.is(await other.readRecord('known-blobs'), 'b');
    t.is(await seen(other, 'trace/here'), 'second');
    await run(other, () =>
      other.publish(2, [text('SHA256SUMS', 'one'), text('trace/here', 'first', 'info')], '', calm()),
    );
    t.is(await seen(other, 'trace/here'), 'first');
    await other.close();
  });
}
