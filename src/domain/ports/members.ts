import type { ImageId } from '../image.js';
import type { Member, MemberChange } from '../member.js';

/** Durable record of image members. Each method is one transaction. The image must exist and not be deleted, else not-found. */
export interface MemberRegistry {
  /** In the order in which they were added. */
  list(image: ImageId): Promise<readonly Member[]>;
  /** Throws not-found. */
  get(image: ImageId, member: string): Promise<Member>;
  /**
   * Adds a member or changes it; one removed before comes back at the end of the list.
   * `admit` runs inside the transaction with the number of members now and whether this one is among them, and throws to refuse.
   */
  put(image: ImageId, change: MemberChange, admit?: (count: number, present: boolean) => void): Promise<Member>;
  /** Makes these the only members; those present already keep what the change does not name, those left out are retired. */
  replace(image: ImageId, members: readonly MemberChange[]): Promise<void>;
  /**
   * Tenants that a replace left out and nobody has added since by put or replace. API v1 does not add them one by one:
   * such a request succeeds without effect (a fault of Glance's that its recorded answers hold on to).
   */
  retired(image: ImageId): Promise<ReadonlySet<string>>;
  /** Throws not-found. */
  remove(image: ImageId, member: string): Promise<void>;
  /** Memberships of one tenant in images that are not deleted, in the order of adding; with `seenBy` only those of images that this owner owns, or all when the owner is the member itself. */
  of(member: string, seenBy?: string | null): Promise<readonly Member[]>;
}
