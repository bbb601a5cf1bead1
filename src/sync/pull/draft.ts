import { importCommon } from '../formats/common-properties.js';
import { assertImageName } from '../formats/image-name.js';
import { shown } from '../formats/shown.js';
import { isInternalProperty } from '../formats/sync-keys.js';
import { SyncError } from '../sync-error.js';
import type { VisibilityRule } from './decision.js';
import type { Destination, RemoteImage } from './destination.js';
import { asInV1, isProvenance, provenanceOf } from './provenance.js';
import type { SourceEntry } from './source-entry.js';

/** What the extension of a data file says of its format, where the file beside it says nothing. */
const FORMATS: readonly string[] = ['raw', 'qcow2', 'vmdk', 'vdi', 'vhd', 'vhdx', 'iso'];

export interface DraftRules {
  /** `--set` */
  readonly set: string | undefined;
  readonly destination: Pick<Destination, 'fit'>;
}

/**
 * The image that is to be at the destination, in the form in which it can keep it, and what is lost on the way.
 * Throws SyncError invalid for a name that no image should have, and where nobody says of which format the image is.
 */
export function draftOf(source: SourceEntry, name: string, { set, destination }: DraftRules) {
  assertImageName(name);
  const { entry } = source;
  const isOurs = (key: string) => isProvenance(key) || isInternalProperty(asInV1(key));
  const reserved = [...entry.properties.keys()].filter(isOurs);
  const own = new Map([...entry.properties].filter(([key]) => !isOurs(key)));
  const { draft, warnings } = destination.fit({
    name,
    diskFormat: formatOf(source),
    containerFormat: entry.attributes.get('container_format') ?? 'bare',
    minDisk: Number(entry.attributes.get('min_disk') ?? 0),
    minRam: Number(entry.attributes.get('min_ram') ?? 0),
    properties: new Map([...own, ...importCommon(own), ...provenanceOf(source, set)]),
    tags: entry.tags,
    protected: entry.protected,
    ...(entry.hidden ? { hidden: true } : {}),
  });
  return {
    draft,
    warnings: [
      ...entry.warnings,
      ...reserved.map((key) => `the property ${shown(key)} is not for a source to say: ignored`),
      ...warnings,
    ],
  };
}

/** Who shall see an image. */
export function visibilityOf({ entry }: SourceEntry, rule: VisibilityRule): RemoteImage['visibility'] {
  if (rule !== 'keep') return rule;
  return entry.attributes.get('is_public')?.toLowerCase() === 'true' ? 'public' : 'private';
}

/** The name of an image that has made room for a newer one. */
export function rotatedName(name: string, serial: string): string {
  return `${name} (${serial})`;
}

function formatOf({ entry, image }: SourceEntry): string {
  const given = entry.attributes.get('disk_format');
  if (given !== undefined) return given;
  const extension = image.pathname
    .replace(/\.(gz|bz2|xz|zst)$/i, '')
    .split('.')
    .at(-1)
    ?.toLowerCase();
  if (extension !== undefined && FORMATS.includes(extension)) return extension;
  throw new SyncError('invalid', 'there is no disk_format, and the name of the file tells none');
}
