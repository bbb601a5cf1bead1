import { inside, listIn, numberIn, parsed } from '../../src/net/json.js';
import type { SwiftClient } from './client.js';
import { isPassing, unexpected } from './errors.js';

/** What a cluster can, as its `/info` says; the least there is when it says nothing. */
export interface Capabilities {
  readonly staticLargeObjects: boolean;
  /** Segments of one static large object. */
  readonly mostSegments: number;
  /** Bytes of one object. */
  readonly mostBytes: number;
  /** Digests by which a temporary URL may be signed, by the names of node:crypto. */
  readonly tempUrlDigests: readonly string[];
}

const FIVE_GIBIBYTES = 5 * 1024 ** 3;

/** Asks once; again after a failure. */
export function capabilitiesOf(client: SwiftClient): () => Promise<Capabilities> {
  let known: Promise<Capabilities> | undefined;
  return () => {
    known ??= ask(client).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function ask(client: SwiftClient): Promise<Capabilities> {
  const answer = await client.info();
  if (isPassing(answer.status)) {
    await answer.drop();
    throw unexpected(answer.status);
  }
  const info = parsed(await answer.text());
  const digests = listIn(info, 'tempurl', 'allowed_digests').filter((name) => typeof name === 'string');
  return {
    staticLargeObjects: inside(info, 'slo') !== undefined,
    mostSegments: numberIn(info, 'slo', 'max_manifest_segments') ?? 1000,
    mostBytes: Math.min(FIVE_GIBIBYTES, numberIn(info, 'swift', 'max_file_size') ?? FIVE_GIBIBYTES),
    // Clusters from before the list know SHA-1 alone.
    tempUrlDigests: digests.length > 0 ? digests : ['sha1'],
  };
}
