import type { DeclaredFormats, Inspection, Inspector, Verdict } from '../domain/ports/inspector.js';
import type { DiskFormat, FormatRules } from './disk-format.js';
import { Feed } from './feed.js';
import { gpt } from './formats/gpt.js';
import { iso } from './formats/iso.js';
import { luks } from './formats/luks.js';
import { qcow2 } from './formats/qcow2.js';
import { qed } from './formats/qed.js';
import { vdi } from './formats/vdi.js';
import { fixedVhd, vhd } from './formats/vhd.js';
import { vhdx } from './formats/vhdx.js';
import { vmdk } from './formats/vmdk.js';
import { judge, type VerdictRules } from './verdict.js';

/** Options of the section `[image_format]`. */
export type InspectorOptions = FormatRules & VerdictRules;

/** Formats that can make their reader open other files of the host. */
const REACHING = [qcow2, qed, vmdk];
const ALL = [...REACHING, vhd, vhdx, vdi, luks, iso, gpt];

/**
 * An inspector of disk images. Bare images are held to their declared format and to the safety rules of what they turn out to be; in other
 * containers formats that can name files of the host are held to their safety rules all the same, as a hypervisor may probe for them.
 */
export function createInspector(options: InspectorOptions): Inspector {
  return { start: (declared) => new StreamInspection(declared, options) };
}

/** One stream under inspection, with the memory that it holds. */
export class StreamInspection implements Inspection {
  readonly #declared: DeclaredFormats;
  readonly #options: InspectorOptions;
  readonly #feeds: readonly { readonly format: string; readonly feed: Feed }[];
  #hungry: readonly Feed[];
  #size = 0;

  constructor(declared: DeclaredFormats, options: InspectorOptions) {
    this.#declared = declared;
    this.#options = options;
    this.#feeds = formatsFor(declared).map(({ name, read }) => ({ format: name, feed: new Feed(read(options)) }));
    this.#hungry = this.#feeds.map(({ feed }) => feed);
  }

  /** Bytes of memory held for regions of the stream. */
  get held(): number {
    return this.#hungry.reduce((sum, feed) => sum + feed.held, 0);
  }

  update(chunk: Uint8Array): void {
    for (const feed of this.#hungry) feed.update(chunk, this.#size);
    this.#size += chunk.length;
    if (this.#hungry.some((feed) => !feed.hungry)) this.#hungry = this.#hungry.filter((feed) => feed.hungry);
  }

  finish(): Verdict {
    const found = this.#feeds.flatMap(({ format, feed }) => {
      const finding = feed.finish();
      return finding ? [{ format, finding }] : [];
    });
    return judge(this.#declared, found, this.#size, this.#options);
  }
}

function formatsFor(declared: DeclaredFormats): readonly DiskFormat[] {
  if (declared.containerFormat !== 'bare') return REACHING;
  return declared.diskFormat === 'vhd' ? [...ALL, fixedVhd] : ALL;
}
