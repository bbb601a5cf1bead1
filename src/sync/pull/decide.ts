import { isSyncError, type SyncError } from '../sync-error.js';
import { agreement } from './agreement.js';
import type { CollisionPolicy, Offered, VisibilityRule } from './decision.js';
import type { Destination, Draft, RemoteImage } from './destination.js';
import { draftOf, rotatedName, visibilityOf } from './draft.js';
import { isManaged, isMine, type Ownership, PROVENANCE } from './provenance.js';
import { refreshOf } from './refresh.js';
import { Remotes } from './remotes.js';
import { compareSerials, type SourceEntry } from './source-entry.js';
import type { WrittenImage } from './source-state.js';

export interface DecisionRules {
  readonly ownership: Ownership;
  readonly destination: Pick<Destination, 'fit' | 'api'>;
  readonly prefix: string;
  readonly set: string | undefined;
  readonly collision: CollisionPolicy;
  readonly visibility: VisibilityRule;
  /** By image id: what earlier runs wrote. */
  readonly written: ReadonlyMap<string, WrittenImage>;
}

export interface Decided {
  readonly decisions: readonly Offered[];
  readonly failures: readonly { readonly entry: SourceEntry; readonly error: SyncError }[];
  readonly warnings: readonly string[];
}

const WRITING: ReadonlySet<Offered['kind']> = new Set(['import', 'rotate', 'replace', 'refresh']);

/** Decides about every entry, given the images that are there (sync-and-manager section 1.8, step 5). Asks and changes nothing. */
export function decide(entries: readonly SourceEntry[], images: readonly RemoteImage[], rules: DecisionRules): Decided {
  const decisions: Offered[] = [];
  const failures: Decided['failures'][number][] = [];
  const warnings: string[] = [];
  const remotes = new Remotes(images, rules.ownership);
  const products = new Set(entries.map(({ product }) => product));
  for (const group of versions(entries)) {
    for (const [age, entry] of group.entries()) {
      try {
        const name = rules.prefix + entry.entry.name;
        const { draft, warnings: lost } = draftOf(entry, name, rules);
        const decision = decideOne({ entry, name, draft, newest: age === 0, remotes, products, rules });
        decisions.push(decision);
        // What is lost is told when it is lost, not whenever a timer comes by again.
        if (WRITING.has(decision.kind)) warnings.push(...lost.map((warning) => `${entry.label}: ${warning}`));
      } catch (error) {
        if (!isSyncError(error)) throw error;
        failures.push({ entry, error });
      }
    }
  }
  return { decisions, failures, warnings };
}

/** Entries that are versions of one image under one name, newest first. */
function versions(entries: readonly SourceEntry[]): readonly (readonly SourceEntry[])[] {
  const groups = new Map<string, SourceEntry[]>();
  for (const entry of entries) {
    const key = `${entry.entry.name}\n${entry.product}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].map((group) =>
    group.toSorted((one, other) => compareSerials(other.entry.version, one.entry.version)),
  );
}

interface Case {
  readonly entry: SourceEntry;
  readonly name: string;
  readonly draft: Draft;
  readonly newest: boolean;
  readonly remotes: Remotes;
  /** Of all entries of the source. */
  readonly products: ReadonlySet<string>;
  readonly rules: DecisionRules;
}

function decideOne(about: Case): Offered {
  const { entry, name, draft, newest, remotes, rules } = about;
  const own = remotes.madeFrom(entry.syncSource).find((image) => isVersionOf(image, name) && hasBytesOf(image, entry));
  if (own !== undefined) return refreshed(own, about, 'it is there');
  const rivals = remotes.named(name).filter((image) => !isOtherProduct(image, about));
  if (!newest) return decideOlder(about, rivals);
  if (rivals.length === 0) return { kind: 'import', entry, name, draft, olds: [], reason: 'it is new' };

  const same = rivals.find((image) => isFinished(image) && agreement(entry, image) === 'same');
  if (same !== undefined) {
    const managed = isManaged(same, rules.ownership);
    // An image of somebody else's making is touched only where its user said what to do with images of the same name.
    const ours = managed || (rules.collision !== 'skip' && isMine(same, rules.ownership));
    if (ours) return refreshed(same, about, managed ? 'its bytes are there' : 'an image of this name has its bytes');
    return { kind: 'exists', entry, name, image: same, reason: 'an image of this name has its bytes' };
  }
  return collide(about, rivals);
}

/** An older version whose name the newest one has. */
function decideOlder({ entry, name, draft, remotes, rules }: Case, rivals: readonly RemoteImage[]): Offered {
  const { version } = entry.entry;
  const equal = rivals.find((image) => agreement(entry, image) === 'same');
  if (equal !== undefined)
    return { kind: 'exists', entry, name, image: equal, reason: 'an image of this name has its bytes' };
  if (rules.collision !== 'rotate' || version === undefined) {
    return { kind: 'skip', entry, name, reason: 'the source has a newer version of the same name' };
  }
  const older = rotatedName(name, version);
  const [there] = remotes.named(older);
  if (there !== undefined)
    return { kind: 'skip', entry, name: older, image: there, reason: 'an image of this name is there' };
  return {
    kind: 'import',
    entry,
    name: older,
    draft: { ...draft, name: older },
    olds: [],
    reason: 'it is an older version',
  };
}

function collide({ entry, name, draft, rules }: Case, rivals: readonly RemoteImage[]): Offered {
  const about = { entry, name };
  const [first] = rivals;
  const image = first === undefined ? {} : { image: first };
  const skip = (reason: string): Offered => ({ kind: 'skip', ...about, ...image, reason });
  if (rules.collision === 'skip') {
    const unknown = rivals.every((rival) => agreement(entry, rival) === 'unknown');
    const found = unknown ? 'whose hash cannot be compared' : 'with other bytes';
    return skip(`there is an image of this name ${found}: --on-collision rotate or replace brings this one`);
  }
  if (rivals.some((rival) => !isMine(rival, rules.ownership))) {
    return skip('the image of this name belongs to another project');
  }
  if (rivals.some((rival) => !isFinished(rival))) return skip('the image of this name is not finished');
  if (rivals.some((rival) => rival.protected && !isManaged(rival, rules.ownership))) {
    return skip('the image of this name is protected');
  }
  const what = rules.collision === 'rotate' ? 'takes the name of' : 'replaces';
  return { kind: rules.collision, ...about, draft, olds: rivals, reason: `it ${what} another version` };
}

function refreshed(image: RemoteImage, { entry, name, draft, rules }: Case, reason: string): Offered {
  const change = refreshOf(image, {
    draft,
    visibility: visibilityOf(entry, rules.visibility),
    written: rules.written.get(image.id),
    hides: rules.destination.api !== 'v1',
  });
  if (change === undefined) return { kind: 'up-to-date', entry, name, image, draft, reason };
  return { kind: 'refresh', entry, name, image, change, draft, reason: `${reason}; what is said of it changes` };
}

/** Under its own name, or under that of a version that has made room. */
function isVersionOf(image: RemoteImage, name: string): boolean {
  return image.name === name || (image.name?.startsWith(`${name} (`) ?? false);
}

/** Where no hash can be compared, what the image was made from says enough: a version does not change. */
function hasBytesOf(image: RemoteImage, entry: SourceEntry): boolean {
  if (!isFinished(image)) return false;
  const found = agreement(entry, image);
  const serial = image.properties.get(PROVENANCE.serial);
  return found === 'same' || (found === 'unknown' && serial === entry.entry.version);
}

/** Another image of the source that goes by the same name: for another architecture, say. */
function isOtherProduct(image: RemoteImage, { entry, products, remotes }: Case): boolean {
  const product = remotes.productOf(image);
  return product !== undefined && product !== entry.product && products.has(product);
}

function isFinished({ status }: RemoteImage): boolean {
  return status === 'active' || status === 'deactivated';
}
