import type { ImageId } from '../../domain/image.js';
import type { StorageQuota } from '../../domain/ports/quotas.js';
import type { State } from './state.js';

export class MemoryStorageQuota implements StorageQuota {
  constructor(private readonly state: State) {}

  async usage(owner: string | null, apart?: ImageId): Promise<number> {
    return this.used(owner, apart);
  }

  async reserve(image: ImageId, owner: string | null, bytes: number, limit: number): Promise<number> {
    const left = Math.max(0, limit - this.used(owner, image));
    const reservation = Math.floor(Math.min(bytes, left));
    this.state.reservations.set(image, { owner, bytes: reservation });
    return reservation;
  }

  async settle(image: ImageId): Promise<void> {
    this.state.reservations.delete(image);
  }

  private used(owner: string | null, apart: ImageId | undefined): number {
    let bytes = 0;
    for (const image of this.state.images.values()) {
      if (!image.deleted && image.owner === owner) bytes += (image.size ?? 0) * image.locations.length;
    }
    for (const [image, reservation] of this.state.reservations) {
      if (image !== apart && reservation.owner === owner) bytes += reservation.bytes;
    }
    return bytes;
  }
}
