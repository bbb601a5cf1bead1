import { createHash } from 'node:crypto';
import type { Digest, Hasher } from '../../src/domain/ports/hasher.js';
import type { Store } from '../../src/domain/ports/store.js';
import { capabilitiesOf } from './capabilities.js';
import { SwiftClient } from './client.js';
import { openImage } from './open.js';
import type { SwiftStoreOptions } from './options.js';
import { placeOf, schemeOf } from './places.js';
import { putImage } from './put.js';
import { discardImage, removeImage } from './remove.js';
import { sweepContainers } from './sweep.js';
import { placeAt, type Swift } from './swift.js';
import { tempUrl } from './temp-url.js';

const SCHEMES = ['swift+https', 'swift+http', 'swift+config', 'swift'];

/**
 * Images in OpenStack Swift, over its own API. Nothing is asked of the cluster before it is needed, so a server starts while Swift is out.
 * `hasher` computes the MD5 by which Swift confirms what it took; on this thread when absent. Throws an Error when the CA file cannot be read.
 */
export async function createSwiftStore(options: SwiftStoreOptions, hasher: Hasher = INLINE): Promise<Store> {
  const client = await SwiftClient.create(options);
  const swift: Swift = {
    options,
    client,
    hasher,
    capabilities: capabilitiesOf(client),
    running: new Map(),
    containers: new Set(),
  };
  const written = schemeOf(options);
  return {
    id: options.id ?? 'swift',
    schemes: [written, ...SCHEMES.filter((scheme) => scheme !== written)],
    can: { write: true, range: true, remove: true },
    description: {
      type: 'swift',
      properties: {
        container: options.container,
        large_object_size: options.largeObjectBytes,
        large_object_chunk_size: options.segmentBytes,
      },
    },
    owns: (location) => placeOf(location, options) !== undefined,
    put: (key, bytes, hint) => putImage(swift, key, bytes, hint),
    open: async (location, range, signal) => openImage(swift, await placeAt(swift, location), range, signal),
    async size(location) {
      const target = await placeAt(swift, location);
      const found = await client.expect([200], { method: 'HEAD', target });
      return Number(found.header('content-length'));
    },
    remove: async (location) => removeImage(swift, await placeAt(swift, location)),
    sweep: (guide) => sweepContainers(swift, guide),
    discard: (key) => discardImage(swift, key),
    signedUrl: async (location, seconds) => tempUrl(swift, await placeAt(swift, location), seconds),
    close: () => client.close(),
  };
}

const INLINE: Hasher = { start: (algorithms) => inlineDigest(algorithms), close: async () => {} };

function inlineDigest(algorithms: readonly string[]): Digest {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  return {
    update: (chunk) => {
      for (const hash of hashes) hash.update(chunk);
    },
    finish: async () => hashes.map((hash) => hash.digest('hex')),
    abort() {},
  };
}
