import { SyncError } from '../../sync-error.js';
import type { Draft, RemoteChange } from '../destination.js';

/** What the API of a configured server would let through. */
export interface DraftRules {
  readonly diskFormats: readonly string[];
  readonly containerFormats: readonly string[];
  /** `image_tag_quota`; negative is unlimited. */
  readonly tagQuota: number;
}

/** Characters of a name, of an image or a property, and of a tag. */
const LONGEST = 255;

/** Throws SyncError destination for what the API would refuse of an image, in its place. */
export function checkDraft(draft: Draft, rules: DraftRules): void {
  const { diskFormat, containerFormat } = draft;
  if (!rules.diskFormats.includes(diskFormat))
    throw refused(`disk format ${JSON.stringify(diskFormat)} is none of [image_format] disk_formats`);
  if (!rules.containerFormats.includes(containerFormat)) {
    throw refused(`container format ${JSON.stringify(containerFormat)} is none of [image_format] container_formats`);
  }
  checkChange({ ...draft, set: draft.properties }, rules);
}

/** The same of a change. */
export function checkChange({ name = '', set = new Map(), tags = [] }: RemoteChange, { tagQuota }: DraftRules): void {
  const texts = [name, ...set.keys(), ...tags];
  const long = texts.find((text) => [...text].length > LONGEST);
  if (long !== undefined)
    throw refused(`${JSON.stringify(`${long.slice(0, 40)}...`)} has more than ${LONGEST} characters`);
  const astral = [...texts, ...set.values()].find((text) => /[\u{10000}-\u{10ffff}]/u.test(text));
  if (astral !== undefined) throw refused(`${JSON.stringify(astral.slice(0, 40))} has a character beyond U+FFFF`);
  if (tagQuota >= 0 && new Set(tags).size > tagQuota) throw refused(`more than ${tagQuota} tags (image_tag_quota)`);
}

function refused(why: string): SyncError {
  return new SyncError('destination', `The registry does not take the image: ${why}.`);
}
