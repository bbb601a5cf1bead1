import type { Destination, RemoteImage } from './destination.js';
import { isMine, type Ownership, PROVENANCE } from './provenance.js';

export interface LeftoverRules {
  readonly destination: Pick<Destination, 'change' | 'remove'>;
  readonly ownership: Ownership;
  /** By which this installation marks what it works on. */
  readonly client: string;
  readonly dryRun: boolean;
  warn(text: string): void;
}

/**
 * Mends what a run that was killed has left, and gives the images that there are then: what it had not finished is removed; what a finished image has replaced is
 * removed too, and what was to be replaced by one that never was gets its name back. What cannot be removed, because it is in use, is tried again by the next run.
 */
export async function mendLeftovers(
  images: readonly RemoteImage[],
  rules: LeftoverRules,
): Promise<readonly RemoteImage[]> {
  const { destination, ownership, client, dryRun, warn } = rules;
  const mine = images.filter((image) => isMine(image, ownership));
  const unfinished = new Set(mine.filter(({ properties }) => properties.get(PROVENANCE.pending) === client));
  for (const { id, name } of dryRun ? [] : unfinished) {
    await destination.remove(id);
    warn(`removed ${name ?? id} (${id}), which a run that was killed had left unfinished`);
  }
  const finished = new Set(
    mine
      .filter(
        ({ status, properties }) =>
          status === 'active' && !properties.has(PROVENANCE.pending) && !properties.has(PROVENANCE.replaced),
      )
      .map(({ name }) => name),
  );
  const left: RemoteImage[] = [];
  for (const image of images) {
    const name = image.properties.get(PROVENANCE.replaced);
    // One that somebody is at work on now is theirs to finish.
    const busy = name !== undefined && mine.some((other) => isBusy(other, name, client));
    if (unfinished.has(image)) continue;
    if (name === undefined || busy || !mine.includes(image)) left.push(image);
    else if (finished.has(name)) left.push(...(await removed(image, rules)));
    else left.push(await restored(image, name, rules));
  }
  return left;
}

function isBusy({ name, properties }: RemoteImage, wanted: string, client: string): boolean {
  const worker = properties.get(PROVENANCE.pending);
  return worker !== undefined && worker !== client && (name?.startsWith(wanted) ?? false);
}

async function removed(
  image: RemoteImage,
  { destination, dryRun, warn }: LeftoverRules,
): Promise<readonly RemoteImage[]> {
  const { id, name } = image;
  if (dryRun) return [];
  try {
    if (image.protected) await destination.change(id, { protected: false });
    await destination.remove(id);
    return [];
  } catch (error) {
    warn(
      `the replaced image ${name ?? ''} (${id}) is still there: ${error instanceof Error ? error.message : String(error)}`,
    );
    return [image];
  }
}

async function restored(
  image: RemoteImage,
  name: string,
  { destination, dryRun, warn }: LeftoverRules,
): Promise<RemoteImage> {
  if (!dryRun) {
    await destination.change(image.id, { name, unset: [PROVENANCE.replaced] });
    warn(`${name} (${image.id}) has its name back, which a run that was killed had taken from it`);
  }
  const properties = new Map([...image.properties].filter(([key]) => key !== PROVENANCE.replaced));
  return { ...image, name, properties };
}
