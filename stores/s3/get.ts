import type { ByteRange } from '../../src/domain/ports/store.js';
import type { S3Context } from './client.js';
import { Connection } from './connection.js';
import { FalseAnswer, refusal } from './errors.js';
import { signedUrl } from './signed-url.js';

/** Bytes from `start` up to, not including, `end` of an object of `size` bytes. */
export interface Answer {
  readonly connection: Connection;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  /** Undefined when the service gives none. */
  readonly etag: string | undefined;
}

/** Seconds within which the request must reach the service; generous, because clocks differ. */
const SIGNED_FOR = 3600;

/** Asks for an object once. Throws what the service answers, and FalseAnswer when that holds other bytes than were asked for. */
export async function getObject(
  context: S3Context,
  key: string,
  range: ByteRange | undefined,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(await signedUrl(context, key, SIGNED_FOR));
  signal.throwIfAborted();
  const connection = new Connection(
    url,
    {
      ...(range ? { range: `bytes=${range.start}-${range.end}` } : {}),
      ...(etag === undefined ? {} : { 'if-match': etag }),
    },
    context.connection,
  );
  const { connections } = context;
  connections.add(connection);
  const stop = (): void => connection.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { status, header } = await connection.head();
    if (status >= 300) throw refusal(status, await connection.text());
    const found = whatCame(status, header, range);
    if (!found) throw new FalseAnswer('The image store answered with other bytes than it was asked for.');
    return { connection, ...found, etag: header('etag') };
  } catch (error) {
    release(context, connection);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Ends the connection of an answer. */
export function release({ connections }: S3Context, connection: Connection): void {
  connections.delete(connection);
  connection.destroy();
}

/** Which bytes an answer holds; undefined when it does not say, or when they are not those of the range. */
function whatCame(status: number, header: (name: string) => string | undefined, range: ByteRange | undefined) {
  const length = Number(header('content-length') ?? Number.NaN);
  if (!Number.isSafeInteger(length) || header('transfer-encoding') !== undefined) return undefined;
  if (!range) return status === 200 ? { start: 0, end: length, size: length } : undefined;
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header('content-range') ?? '') ?? [];
  const [start, end, size] = [Number(first), Number(last) + 1, Number(total)];
  const right = status === 206 && start === range.start && end === Math.min(range.end + 1, size);
  return right && length === end - start ? { start, end, size } : undefined;
}
