import type { Draft, RemoteChange, RemoteImage } from './destination.js';
import { PROVENANCE } from './provenance.js';
import type { WrittenImage } from './source-state.js';

export interface RefreshTerms {
  readonly draft: Draft;
  readonly visibility: RemoteImage['visibility'];
  /** What an earlier run wrote; what it did not write is somebody else's, and stays. */
  readonly written: WrittenImage | undefined;
  /** Over API v1 nothing is hidden. */
  readonly hides: boolean;
}

/**
 * What must change on an image that has the right bytes; undefined when nothing must. Properties, tags and limits are made right whoever changed them;
 * visibility and protection follow the source when it changes its mind, and are the operator's otherwise.
 */
export function refreshOf(image: RemoteImage, terms: RefreshTerms): RemoteChange | undefined {
  const { draft, visibility, written } = terms;
  const hidden = draft.hidden ?? false;
  const back = image.properties.has(PROVENANCE.gone);
  const known = image.properties.has(PROVENANCE.entry);
  const set = new Map(
    [...draft.properties].filter(
      ([name, value]) => image.properties.get(name) !== value && !(known && name === PROVENANCE.set),
    ),
  );
  const unset = [...image.properties.keys()].filter(
    (name) =>
      !draft.properties.has(name) && (name === PROVENANCE.gone || (written?.properties.includes(name) ?? false)),
  );
  const tags = tagsOf(image, draft, written);
  const change: RemoteChange = {
    ...(set.size > 0 ? { set } : {}),
    ...(unset.length > 0 ? { unset } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...(image.minDisk === draft.minDisk ? {} : { minDisk: draft.minDisk }),
    ...(image.minRam === draft.minRam ? {} : { minRam: draft.minRam }),
    ...(back && terms.hides && image.hidden !== hidden ? { hidden } : {}),
    ...(follows(back, written?.visibility, visibility, image.visibility) ? { visibility } : {}),
    ...(follows(false, written?.protected, draft.protected, image.protected) ? { protected: draft.protected } : {}),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** What a run that leaves an image like this has written. */
export function writtenOf(draft: Draft, visibility: RemoteImage['visibility']): WrittenImage {
  return {
    properties: [...draft.properties.keys()].sort(),
    tags: [...draft.tags].sort(),
    visibility,
    protected: draft.protected,
  };
}

function follows<T>(always: boolean, before: T | undefined, wanted: T, there: T): boolean {
  return there !== wanted && (always || (before !== undefined && before !== wanted));
}

function tagsOf(image: RemoteImage, draft: Draft, written: WrittenImage | undefined): readonly string[] | undefined {
  const gone = new Set(written?.tags.filter((tag) => !draft.tags.includes(tag)));
  const tags = [...new Set([...image.tags.filter((tag) => !gone.has(tag)), ...draft.tags])];
  const same = tags.length === image.tags.length && tags.every((tag) => image.tags.includes(tag));
  return same ? undefined : tags;
}
