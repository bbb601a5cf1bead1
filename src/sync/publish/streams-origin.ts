import type { Image } from '../../domain/image.js';

/** Where an image stood in the simplestreams mirror that it came from. */
export interface StreamsOrigin {
  readonly product: string;
  readonly version: string;
  readonly item: string;
  /** What the mirror's item said beside that; empty where nothing is known. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Names as they can be keys of a products file and parts of what readers show. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:+~@-]{0,199}$/;

/** Items that LXD and Incus read as they are. */
const METADATA = /^(?:lxd|incus)\.tar\.xz$/;
const ROOT = /^(?:squashfs|root\.squashfs|root\.tar\.xz|disk-kvm\.img|disk1\.img|uefi1\.img|.*\.vcdiff)$/;
const COMBINED = /combined\.tar\.gz$/;

/** Where an image belongs in simplestreams by the properties that mirroring tools leave on it; undefined for images from elsewhere. */
export function originOf({ properties }: Pick<Image, 'properties'>): StreamsOrigin | undefined {
  const [product, version, item] = ['product_name', 'version_name', 'item_name'].map((name) => properties.get(name));
  if (!product || !version || !item || ![product, version, item].every((name) => NAME.test(name))) return undefined;
  return { product, version, item, fields: fieldsOf(properties.get('simplestreams_metadata')) };
}

/** The kind of an item, which its name says where its fields do not. */
export function ftypeOf({ item, fields }: StreamsOrigin): string {
  return typeof fields.ftype === 'string' ? fields.ftype : item;
}

export function isContainerMetadata(ftype: string): boolean {
  return METADATA.test(ftype);
}

export function isContainerRoot(ftype: string): boolean {
  return ROOT.test(ftype);
}

/** Whether the image is part of what LXD and Incus make instances of. Plain disks of clouds are not: those exist without a metadata file. */
export function isContainerPart(image: Pick<Image, 'properties'>): boolean {
  const origin = originOf(image);
  if (origin === undefined) return false;
  const ftype = ftypeOf(origin);
  return (
    isContainerMetadata(ftype) ||
    COMBINED.test(ftype) ||
    (isContainerRoot(ftype) && !/^(?:disk1|uefi1)\.img$/.test(ftype))
  );
}

function fieldsOf(text: string | null | undefined): Readonly<Record<string, unknown>> {
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
