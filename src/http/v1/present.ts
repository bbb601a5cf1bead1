import type { Image } from '../../domain/image.js';
import type { Member } from '../../domain/member.js';
import { formatMicroseconds } from '../iso-time.js';

type Scalar = string | number | boolean | null;

/** An image's own fields by their v1 names; null where unset. */
export function imageFields(image: Image): Record<string, Scalar> {
  return {
    id: image.id,
    name: image.name,
    status: image.status,
    size: image.size ?? 0,
    virtual_size: image.virtualSize,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    checksum: image.checksum,
    min_disk: image.minDisk,
    min_ram: image.minRam,
    is_public: image.visibility === 'public',
    protected: image.protected,
    owner: image.owner,
    created_at: formatMicroseconds(image.createdAt),
    updated_at: formatMicroseconds(image.updatedAt),
    deleted: image.deleted,
    deleted_at: image.deletedAt === null ? null : formatMicroseconds(image.deletedAt),
  };
}

/** The whole image, as in details and in answers to POST and PUT. Never a location (image-api-v1 section 1.4). */
export function presentImage(image: Image): object {
  return { ...imageFields(image), properties: Object.fromEntries(image.properties) };
}

/** The image in an index: exactly these six keys. */
export function presentBrief(image: Image): object {
  const { id, name, size, disk_format, container_format, checksum } = imageFields(image);
  return { id, name, size, disk_format, container_format, checksum };
}

function headerText(value: Exclude<Scalar, null>): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

/** Fields and properties as `x-image-meta-*` headers; nulls are left out, or sent empty where `nulls` says so (image-api-v1 section 2.2). */
export function* imageHeaders(image: Image, nulls: 'omitted' | 'empty' = 'omitted'): Generator<[string, string]> {
  for (const [field, value] of Object.entries(imageFields(image))) {
    if (value !== null) yield [`x-image-meta-${field}`, headerText(value)];
    else if (nulls === 'empty') yield [`x-image-meta-${field}`, ''];
  }
  for (const [name, value] of image.properties) {
    if (value !== null) yield [`x-image-meta-property-${name.toLowerCase()}`, value];
    else if (nulls === 'empty') yield [`x-image-meta-property-${name.toLowerCase()}`, ''];
  }
}

export function presentMember(member: Member): object {
  return { member_id: member.member, can_share: member.canShare };
}

export function presentMembership(member: Member): object {
  return { image_id: member.imageId, can_share: member.canShare };
}
