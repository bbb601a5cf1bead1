import type { DeclaredFormats, Verdict } from '../../src/domain/ports/inspector.js';
import { createInspector, type InspectorOptions, StreamInspection } from '../../src/inspect/inspector.js';

/** The defaults of `[image_format]`. */
export const DEFAULTS: InspectorOptions = {
  requireImageFormatMatch: true,
  gptSafetyChecksNonfatal: [],
  vmdkAllowedTypes: ['streamOptimized', 'monolithicSparse'],
};

/** No more than this may be kept of any stream: a VMDK's descriptor and the headers beside it. */
export const MOST_HELD = 1024 * 1024 + 128 * 1024;

const KIB = 1024;
/** Where headers end and the pieces may be large. */
const HEADERS = 3 * KIB;
const CUTS: readonly number[] = [1, 333, 64 * KIB, Number.POSITIVE_INFINITY];

export function bare(diskFormat: string): DeclaredFormats {
  return { diskFormat, containerFormat: 'bare' };
}

/** The verdict on these bytes; throws when it depends on how they are cut. */
export function verdict(bytes: Buffer, declared: DeclaredFormats, options: Partial<InspectorOptions> = {}): Verdict {
  const inspector = createInspector({ ...DEFAULTS, ...options });
  const verdicts = CUTS.map((size) => {
    const inspection = inspector.start(declared);
    for (const piece of cut(bytes, size)) inspection.update(piece);
    return inspection.finish();
  });
  const [first, ...others] = verdicts.map((one) => JSON.stringify(one));
  if (others.some((other) => other !== first)) throw new Error(`The verdict depends on the cut: ${[first, ...others]}`);
  const [answer] = verdicts;
  if (!answer) throw new Error('There is no verdict.');
  return answer;
}

/** The most bytes held at any time, and the verdict. */
export function watched(bytes: Buffer, declared: DeclaredFormats, size: number): { held: number; verdict: Verdict } {
  const inspection = new StreamInspection(declared, DEFAULTS);
  let held = inspection.held;
  for (const piece of cut(bytes, size)) {
    inspection.update(piece);
    held = Math.max(held, inspection.held);
  }
  return { held, verdict: inspection.finish() };
}

/** Pieces that are overwritten when the next one is asked for, as the buffers of an upload are; small ones only where headers lie. */
function* cut(bytes: Buffer, size: number): Generator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const small = at < HEADERS || bytes.length - at <= HEADERS;
    const length = small ? size : Math.max(size, 4 * KIB);
    const edge = at < bytes.length - HEADERS ? bytes.length - HEADERS : bytes.length;
    const piece = Buffer.from(
      bytes.subarray(at, Math.min(at + length, size === Number.POSITIVE_INFINITY ? bytes.length : edge)),
    );
    yield piece;
    at += piece.length;
    piece.fill(0xa5);
  }
}
