import { SourceChanged } from '../domain/errors.js';
import type { ExternalSource } from '../domain/location.js';
import type { Digest, Hasher } from '../domain/ports/hasher.js';
import type { Opened } from '../domain/ports/store.js';

/**
 * A whole external object that fails before its last chunk when its bytes are not those that were recorded: in size, or in their digest where one is known.
 * Throws SourceChanged.
 */
export function verified(opened: Opened, recorded: ExternalSource, hasher: Hasher): Opened {
  const { size, digest: expected } = recorded;
  const digest = expected === null ? undefined : hasher.start([expected.algorithm]);
  return {
    size: opened.size,
    bytes: checked(opened.bytes, size, digest, expected?.value),
    close: async () => {
      digest?.abort();
      await opened.close();
    },
  };
}

async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  size: number | null,
  digest: Digest | undefined,
  expected: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Buffer | undefined;
  let seen = 0;
  try {
    for await (const chunk of bytes) {
      if (chunk.byteLength === 0) continue;
      seen += chunk.byteLength;
      if (size !== null && seen > size) throw new SourceChanged();
      if (held !== undefined) yield held;
      // The chunk is the source's again with the next one, and hashing may take longer than that.
      held = Buffer.from(chunk);
      await digest?.update(held);
    }
    const [found] = (await digest?.finish()) ?? [];
    if ((size !== null && seen !== size) || found !== expected?.toLowerCase()) throw new SourceChanged();
  } finally {
    digest?.abort();
  }
  if (held !== undefined) yield held;
}
