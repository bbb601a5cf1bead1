import type { ImageId } from './image.js';
import type { Microseconds } from './time.js';

export type MemberStatus = 'pending' | 'accepted' | 'rejected';

/** A tenant with whom an image is shared. */
export interface Member {
  readonly imageId: ImageId;
  readonly member: string;
  /** v1: the member may share the image further. */
  readonly canShare: boolean;
  /** v2: the member's answer; decides whether the image is in the member's default list. */
  readonly status: MemberStatus;
  readonly createdAt: Microseconds;
  readonly updatedAt: Microseconds;
}

/** What a put of one member sets; a field left out keeps its value, or takes its default (false, pending) for a new member. */
export interface MemberChange {
  readonly member: string;
  readonly canShare?: boolean;
  readonly status?: MemberStatus;
}
