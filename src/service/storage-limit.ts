import { RegistryError } from '../domain/errors.js';
import type { Image } from '../domain/image.js';
import type { StorageQuota } from '../domain/ports/quotas.js';

/** Reservations for a body of unknown length grow by this many bytes, so that the database is not asked for every chunk. */
const STEP = 16 * 1024 * 1024;

/** What one upload may still store. */
export interface StorageAllowance {
  /** Whether the reservation covers so many bytes already. */
  covers(bytes: number): boolean;
  /** Makes it cover so many bytes. Throws quota when the owner has not so much left. */
  cover(bytes: number): Promise<void>;
  /** The upload is over, whichever way. */
  settle(): Promise<void>;
}

const UNLIMITED: StorageAllowance = { covers: () => true, cover: async () => {}, settle: async () => {} };

/** `user_storage_quota`: bytes that the images of one owner may occupy together; 0 or less is unlimited. */
export class StorageLimit {
  constructor(
    private readonly quotas: StorageQuota,
    private readonly limit: number,
  ) {}

  for(image: Image): StorageAllowance {
    if (this.limit <= 0) return UNLIMITED;
    let granted = 0;
    return {
      covers: (bytes) => bytes <= granted,
      cover: async (bytes) => {
        const asked = granted === 0 ? bytes : Math.max(bytes, granted + STEP);
        granted = await this.quotas.reserve(image.id, image.owner, asked, this.limit);
        if (granted >= bytes) return;
        throw new RegistryError(
          'quota',
          'Denying attempt to upload image because it exceeds the quota: ' +
            `The size of the data ${bytes} will exceed the limit. ${granted} bytes remaining.`,
        );
      },
      settle: () => this.quotas.settle(image.id),
    };
  }
}
