import { RegistryError } from '../../src/domain/errors.js';
import type { ImageId } from '../../src/domain/image.js';
import type { Location } from '../../src/domain/location.js';
import type { Store } from '../../src/domain/ports/store.js';
import { createContext } from './client.js';
import { duplicate } from './creation.js';
import { isMissing, isNoBucket, rethrow } from './errors.js';
import { release } from './get.js';
import { abortUploadsOf } from './multipart.js';
import { keyIn, keyOf, objectName, schemesOf } from './names.js';
import { deleteObject, headObject } from './objects.js';
import { openObject } from './open.js';
import { MEBIBYTE, type S3StoreOptions } from './options.js';
import { createPartMemory } from './part-memory.js';
import { putObject } from './put.js';
import { signedUrl } from './signed-url.js';
import { sweepBucket } from './sweep.js';

/** MiB that all uploads together use to have several parts on their way; each has one part beyond it. */
const COMMON_PIECES = 24;

/** Images as objects in a bucket of AWS or of any other S3 service. Nothing is sent before the first use, so that the server starts when the service does not run. */
export async function createS3Store(options: S3StoreOptions): Promise<Store> {
  const context = await createContext(options);
  const { place, s3 } = context;
  const memory = createPartMemory(COMMON_PIECES);
  const underWay = new Set<ImageId>();
  const key = (location: Location): ImageId => keyOf(place, location);
  const size = async (location: Location): Promise<number | undefined> => {
    const found = await headObject(context, key(location)).catch(rethrow);
    if (!found) throw new RegistryError('not-found', 'The bytes of the image are not in the store.');
    return found.ContentLength;
  };
  return {
    id: options.id ?? 's3',
    schemes: schemesOf(place),
    can: { write: true, range: true, remove: true },
    description: {
      type: 's3',
      properties: {
        s3_store_large_object_size: options.largeObjectBytes / MEBIBYTE,
        s3_store_large_object_chunk_size: options.partBytes / MEBIBYTE,
        s3_store_thread_pools: options.threads,
      },
    },
    owns: (location) => keyIn(place, location) !== undefined,
    async put(image, bytes, hint) {
      // Two servers are kept apart by the service, where it knows conditions.
      if (underWay.has(image)) throw duplicate(image);
      underWay.add(image);
      return putObject(context, memory, image, bytes, hint).finally(() => underWay.delete(image));
    },
    open: async (location, range, signal) => openObject(context, key(location), range, signal),
    size,
    async remove(location) {
      // The service is quiet about deleting what is not there.
      await size(location);
      await deleteObject(context, key(location)).catch(rethrow);
    },
    sweep: (guide) => sweepBucket(context, guide),
    async discard(image) {
      try {
        await abortUploadsOf(context, objectName(image));
        await deleteObject(context, image);
      } catch (error) {
        if (!isNoBucket(error) && !isMissing(error)) rethrow(error);
      }
    },
    signedUrl: async (location, seconds) => signedUrl(context, key(location), seconds),
    async close() {
      s3.destroy();
      for (const connection of context.connections) release(context, connection);
    },
  };
}
