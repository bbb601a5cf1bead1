import { setTimeout as pause } from 'node:timers/promises';
import { isRegistryError } from '../../domain/errors.js';

/** Of changes to one image at once every round lets one through, so that this many may meet. */
const TRIES = 50;

/** Milliseconds; without pauses those who lost would all meet again. */
const LONGEST_PAUSE = 50;

/** Reads and changes again what someone else changed in between. Throws the conflict when that does not end. */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRegistryError(error, 'conflict') || tries === TRIES) throw error;
    }
    await pause(Math.random() * Math.min(2 ** tries, LONGEST_PAUSE));
  }
}
