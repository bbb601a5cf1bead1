import type { Image, ImageId } from '../../domain/image.js';
import type { Member } from '../../domain/member.js';
import type { Lease } from '../../domain/ports/leases.js';
import { missing } from '../refusals.js';

export interface Reservation {
  readonly owner: string | null;
  readonly bytes: number;
}

/** What the databases keep in tables. */
export class State {
  readonly images = new Map<ImageId, Image>();
  readonly members = new Map<ImageId, readonly Member[]>();
  readonly retired = new Map<ImageId, ReadonlySet<string>>();
  readonly leases = new Map<ImageId, Lease>();
  readonly reservations = new Map<ImageId, Reservation>();
  /** Grows with every membership that is added: the order of adding. */
  readonly joined = new WeakMap<Member, number>();
  private counter = 0;

  /** The image; throws not-found when there is none or it is deleted. */
  live(id: ImageId): Image {
    const image = this.images.get(id);
    if (image === undefined || image.deleted) throw missing(id);
    return image;
  }

  membersOf(id: ImageId): readonly Member[] {
    return this.members.get(id) ?? [];
  }

  /** Puts a member into the place of the one it replaces, or at the end. */
  join(member: Member, replaces?: Member): Member {
    const others = this.membersOf(member.imageId);
    this.joined.set(member, (replaces && this.joined.get(replaces)) ?? ++this.counter);
    const list = replaces ? others.map((one) => (one === replaces ? member : one)) : [...others, member];
    this.members.set(member.imageId, list);
    return member;
  }
}
