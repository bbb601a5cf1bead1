/** A part of the stream that a reader wants to see: bytes at an offset, or the last ones before the end. */
export type Region = { readonly offset: number; readonly length: number } | { readonly last: number };

/** A safety rule that the bytes break. */
export interface Violation {
  readonly check: string;
  /** One sentence without its full stop; quotes nothing of the stream. */
  readonly reason: string;
}

/** What a reader made of the stream. */
export interface Finding {
  /** False when the bytes are too few to count as this format, while a tool that looks for it would still act on them. */
  readonly recognised: boolean;
  /** Bytes of the disk, given the bytes of the whole stream; null where the header does not say. */
  virtualSize(streamSize: number): number | null;
  readonly violation: Violation | undefined;
}

/**
 * Asks for the regions it needs one after the other, each behind the one before, and is resumed with their bytes: fewer than asked for where the
 * stream ended, none where the region had passed already. Ends with undefined when the stream is not of its format. Never throws.
 */
export type Reader = Generator<Region, Finding | undefined, Buffer>;

/** What an operator may set about formats. */
export interface FormatRules {
  /** `[image_format] vmdk_allowed_types`: values of a VMDK's createType, case counts. */
  readonly vmdkAllowedTypes: readonly string[];
}

/** One disk format: how to recognise it, how large its disk is, what makes it unsafe. */
export interface DiskFormat {
  /** As in disk_format. */
  readonly name: string;
  read(rules: FormatRules): Reader;
}

/** A finding of a format that has nothing to forbid. */
export function harmless(virtualSize: number | null): Finding {
  return { recognised: true, virtualSize: () => virtualSize, violation: undefined };
}

/** The number when it can be an image's virtual size; a header may claim 2^64 bytes, the registry counts to 2^53 - 1. */
export function diskSize(bytes: bigint): number | null {
  return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : null;
}

/** True when the bytes have this Latin-1 text at the offset. */
export function hasText(bytes: Buffer, text: string, offset = 0): boolean {
  return bytes.toString('latin1', offset, offset + text.length) === text;
}
