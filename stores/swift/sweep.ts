import { type ImageId, isImageId } from '../../src/domain/image.js';
import type { SweepGuide, SweepReport } from '../../src/domain/ports/store.js';
import { namesIn } from './containers.js';
import { eachOf } from './each-of.js';
import type { Swift } from './swift.js';

/** `<image>-<mark>-<number>`, or `<image>-<number>` as Glance names them. */
const SEGMENT = /^([0-9a-f-]+?)(?:-[0-9a-f]{8})?-\d{5,}$/i;

/**
 * Store.sweep of the Swift store: objects and segments whose image has no bytes. With an account for each project there is nothing that it could list.
 * Only names that were listed are removed: those of an upload that began meanwhile are others.
 */
export async function sweepContainers(swift: Swift, guide: SweepGuide): Promise<SweepReport> {
  const report = { removed: 0, unknown: 0 };
  if (swift.options.multiTenant) return report;
  for await (const container of containersOf(swift)) {
    // The names of one image follow each other, over the edge of a page too.
    let last: ImageId | undefined;
    for await (const names of namesIn(swift, { container }, '')) {
      const owners = new Map(names.flatMap((name) => ownerOf(name)));
      const standing = await guide.standing([...new Set(owners.values())]);
      const empty = [...owners].filter(([, id]) => standing.get(id) === 'empty').map(([name]) => name);
      await eachOf(empty, (object) =>
        swift.client.expect([204, 404], { method: 'DELETE', target: { container, object } }),
      );
      for (const id of new Set(owners.values())) {
        if (id === last) continue;
        if (standing.get(id) === 'empty') report.removed += 1;
        else if (!standing.has(id)) report.unknown += 1;
      }
      last = [...owners.values()].at(-1);
    }
  }
  return report;
}

/** The store's container, and those that a seed made of its name. */
async function* containersOf(swift: Swift): AsyncGenerator<string, void, undefined> {
  const { container, seed } = swift.options;
  if (seed === 0) return yield container;
  for await (const names of namesIn(swift, {}, container)) {
    yield* names.filter((name) => name === container || /^_[0-9a-f-]+$/.test(name.slice(container.length)));
  }
}

/** A name with its image, where it has one. */
function ownerOf(name: string): [string, ImageId][] {
  const id = isImageId(name) ? name : (SEGMENT.exec(name)?.[1] ?? '');
  return isImageId(id) ? [[name, id]] : [];
}
