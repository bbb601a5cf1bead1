import type { DeclaredFormats, FailedCheck, Verdict } from '../domain/ports/inspector.js';
import type { Finding } from './disk-format.js';

export interface Found {
  readonly format: string;
  readonly finding: Finding;
}

export interface VerdictRules {
  readonly requireImageFormatMatch: boolean;
  readonly gptSafetyChecksNonfatal: readonly string[];
}

/** Formats that the inspection knows; of any other one (ami, ari, aki, ploop, an operator's own) it cannot say that bytes are not it. */
const INSPECTABLE = new Set(['raw', 'qcow2', 'vhd', 'vhdx', 'vmdk', 'vdi', 'qed', 'iso', 'gpt', 'luks']);

/** Decides by the tables of image-api-v2 section 3.5. A wrong format is told before a broken safety rule. */
export function judge(
  declared: DeclaredFormats,
  found: readonly Found[],
  streamSize: number,
  rules: VerdictRules,
): Verdict {
  const warnings: string[] = [];
  const bare = declared.containerFormat === 'bare';
  const present = unmasked(found);
  const recognised = present.filter(({ finding }) => finding.recognised);
  const mismatch = bare ? mismatchOf(declared.diskFormat, recognised) : undefined;
  if (mismatch && rules.requireImageFormatMatch) return { accepted: false, reason: 'mismatch', message: mismatch };
  if (mismatch) warnings.push(mismatch);
  for (const { format, finding } of present) {
    if (!finding.violation) continue;
    const failed: FailedCheck = { format, ...finding.violation };
    const message = `Image failed safety checks: ${format} ${failed.check}: ${failed.reason}`;
    const fatal = format !== 'gpt' || !rules.gptSafetyChecksNonfatal.includes(failed.check);
    if (fatal) return { accepted: false, reason: 'unsafe', message, failed };
    warnings.push(message);
  }
  if (!bare) return { accepted: true, virtualSize: null, warnings };
  if (declared.diskFormat !== 'raw') {
    const same = mismatch ? undefined : recognised.find(({ format }) => format === declared.diskFormat);
    return { accepted: true, virtualSize: same?.finding.virtualSize(streamSize) ?? null, warnings };
  }
  const [disguised] = recognised;
  // Most raw disks have a partition table: nothing to warn of.
  if (disguised && !mismatch && disguised.format !== 'gpt') {
    warnings.push(`Image disk_format raw was declared for stream data ${disguised.format}`);
  }
  return { accepted: true, virtualSize: streamSize, warnings };
}

/** A bootable ISO begins with a partition table, and so does the disk in a fixed VHD: it is part of them, not a format beside theirs. */
function unmasked(found: readonly Found[]): readonly Found[] {
  const wraps = found.some(({ format }) => format === 'iso' || format === 'vhd');
  return wraps ? found.filter(({ format }) => format !== 'gpt') : found;
}

function mismatchOf(declared: string | null, recognised: readonly Found[]): string | undefined {
  if (declared === null) return undefined;
  const [first, ...others] = new Set(recognised.map(({ format }) => format));
  const stated = `Image disk_format ${declared} does not match stream data`;
  if (others.length > 0) return `${stated}, which looks like ${[first, ...others].join(' and ')} at once`;
  if (declared === 'raw' || first === declared) return undefined;
  if (first !== undefined) return `${stated} ${first}`;
  return INSPECTABLE.has(declared) ? `${stated} raw` : undefined;
}
