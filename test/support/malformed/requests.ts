import type { SeededRandom } from '../random.js';
import type { Aims, MalformedRequest } from './family.js';
import { VALUES } from './values.js';
import { WIRE } from './wire.js';

/** The requests of one seed, the families in turn. */
export function* malformedRequests(random: SeededRandom, aims: Aims, count: number): Generator<MalformedRequest> {
  const families = Object.entries({ ...WIRE, ...VALUES });
  for (let made = 0; made < count; made++) {
    const [family, make] = families[made % families.length] ?? random.pick(families);
    yield { family, ...make(random, aims) };
  }
}
