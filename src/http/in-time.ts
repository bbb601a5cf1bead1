import { HttpFault } from './fault.js';

/** Milliseconds for a JSON body, or for what a form says before its file, to arrive. Image data takes as long as it takes. */
const PATIENCE = 60_000;

/**
 * What was read, if it arrives in time: a client that sends a byte now and then is never silent, and would hold its connection for days.
 * Throws 408, and the connection ends with that answer; else whatever the reading throws.
 */
export async function inTime<T>(reading: Promise<T>, patience = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const explanation = 'The body of the request took too long to arrive.';
    timer = setTimeout(() => reject(new HttpFault(408, { explanation }, { Connection: 'close' })), patience);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
