import type { SeededRandom } from '../random.js';
import type { Aims, Family, MalformedRequest } from './family.js';

/** The requests of one seed, the families in turn. */
export function* malformedRequests(
  families: Readonly<Record<string, Family>>,
  random: SeededRandom,
  aims: Aims,
  count: number,
): Generator<MalformedRequest> {
  const all = Object.entries(families);
  for (let made = 0; made < count; made++) {
    const [family, make] = all[made % all.length] ?? random.pick(all);
    yield { family, ...make(random, aims) };
  }
}
