import { Readable } from 'node:stream';
import { Batch } from '../stream/batch.js';
import { intake } from '../stream/intake.js';
import { slabs } from '../stream/slabs.js';
import type { Engine } from './engine.js';

/**
 * Brings bytes through an engine: what comes in is gathered ahead in slabs while the engine works, what comes out waits for the reader.
 * Throws what the source threw, the signal's reason, or the engine's CompressionError. However the loop over it is left, the source is
 * closed and nothing of the engine runs on.
 */
export async function* through(
  start: () => Engine | Promise<Engine>,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted();
  const engine = await start();
  const batch = new Batch(slabs);
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    batch.fail(error);
    void engine.stop();
  };
  const onAbort = (): void => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  // An iterable even where it is a stream: a stream's failure shall come through in its own words.
  const intaking = intake(iterate(bytes), batch);
  const feeding = feed(batch, engine).catch(fail);
  try {
    for await (const chunk of engine.output) {
      if (failure) break;
      yield chunk;
    }
    if (!failure) await engine.check();
    await feeding;
  } catch (error) {
    // An engine that was stopped complains of that, which is nobody's concern.
    failure ??= { error };
  } finally {
    signal.removeEventListener('abort', onAbort);
    intaking.stop();
    batch.fail(new Error('The engine is over.'));
    if (bytes instanceof Readable) bytes.destroy();
    await engine.stop();
    await feeding;
  }
  if (failure) throw failure.error;
}

async function feed(batch: Batch, engine: Engine): Promise<void> {
  for (let batched = await batch.next(); batched; batched = await batch.next()) {
    try {
      await engine.write(batched.bytes);
    } finally {
      batched.release();
    }
  }
  engine.end();
}

async function* iterate(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* bytes;
}
