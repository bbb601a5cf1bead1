import { Readable } from 'node:stream';
import { isRegistryError, RegistryError } from '../domain/errors.js';
import type { Batch } from './batch.js';

/** Bytes on their way in: a request's body, or what a store opened. */
export type Source = Readable | AsyncIterable<Uint8Array>;

/**
 * Pours a source into a batch until it ends, fails or `stop` is called; the outcome shows in the batch.
 * A readable is left open, paused and without listeners, so that its owner can still answer before it closes the connection;
 * an iterable is returned, which closes it.
 */
export function intake(source: Source, batch: Batch): { stop(): void } {
  return source instanceof Readable ? fromReadable(source, batch) : fromIterable(source, batch);
}

/** By events rather than by iteration: an iterator on a request that never speaks again could not be let go. */
function fromReadable(source: Readable, batch: Batch): { stop(): void } {
  let stopped = false;
  const onData = (chunk: Uint8Array): void => {
    const taken = batch.write(chunk);
    if (!taken) return;
    source.pause();
    void taken.then(() => {
      if (!stopped) source.resume();
    });
  };
  const onEnd = (): void => {
    stop();
    batch.end();
  };
  const onError = (error: Error): void => {
    stop();
    batch.fail(asClientClosed(error));
  };
  const onClose = (): void => onError(new Error('The stream closed before its end.'));
  const stop = (): void => {
    stopped = true;
    source.pause();
    source.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
  };
  if (source.readableEnded) batch.end();
  else if (source.destroyed) batch.fail(asClientClosed(source.errored));
  else source.on('end', onEnd).on('error', onError).on('close', onClose).on('data', onData).resume();
  return { stop };
}

function fromIterable(source: AsyncIterable<Uint8Array>, batch: Batch): { stop(): void } {
  let stopped = false;
  const pour = async (): Promise<void> => {
    for await (const chunk of source) {
      await batch.write(chunk);
      if (stopped) return;
    }
    batch.end();
  };
  void pour().catch((error: unknown) => batch.fail(error));
  return {
    stop() {
      stopped = true;
    },
  };
}

/** Whatever ends a client's body early, its text is of no use to anybody but the log. */
function asClientClosed(error: unknown): unknown {
  if (isRegistryError(error)) return error;
  return new RegistryError('client-closed', 'Client disconnected before sending all data to backend', { cause: error });
}
