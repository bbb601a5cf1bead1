import type { Member } from '../../domain/member.js';
import { formatSeconds } from '../iso-time.js';

/** A member as v2 shows it (image-api-v2 section 2.9). */
export function presentMember(member: Member): object {
  return {
    member_id: member.member,
    image_id: member.imageId,
    status: member.status,
    created_at: formatSeconds(member.createdAt),
    updated_at: formatSeconds(member.updatedAt),
    schema: '/v2/schemas/member',
  };
}
