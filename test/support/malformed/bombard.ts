import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, type RawAnswer } from '../raw-http.js';
import type { ServerUnderTest } from '../server.js';
import type { MalformedRequest } from './family.js';

const HANDLES_MS = 20_000;

export interface Bombardment {
  /** What went wrong, each with its request; each only once. */
  readonly problems: readonly string[];
  /** How often each status was answered; 0 stands for no answer. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** Sends the requests, so many at once, until they are all answered or the server is dead. */
export async function bombard(
  server: ServerUnderTest,
  requests: Iterable<MalformedRequest>,
  atOnce: number,
): Promise<Bombardment> {
  const problems = new Set<string>();
  const statuses = new Map<number, number>();
  const pending = requests[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = pending.next(); next.done !== true; next = pending.next()) {
      const bad = next.value;
      const { answer, problem } = await put(server.port, bad);
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (problem !== undefined) problems.add(`${problem}: ${bad.family}: ${excerpt(bad.bytes)}`);
      if (!server.running) return;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { problems: [...problems], statuses };
}

/** The number of handles once the last connections are gone; it may take the server a moment. */
export async function settledHandles(server: ServerUnderTest, expected: number): Promise<number> {
  const deadline = Date.now() + HANDLES_MS;
  while (server.openHandles() > expected && Date.now() < deadline) await sleep(50);
  return server.openHandles();
}

async function put(port: number, bad: MalformedRequest): Promise<{ answer?: RawAnswer; problem?: string }> {
  try {
    const answer = await exchange(port, bad.bytes, { head: bad.head === true, end: bad.end === true });
    if (answer === undefined) return bad.silent === true ? {} : { problem: 'no answer' };
    // 501 is the contract's answer to a method that HTTP does not know; every other 5xx is a fault of the server.
    const fault = answer.status >= 500 && answer.status !== 501;
    return fault ? { answer, problem: `status ${answer.status}` } : { answer };
  } catch (error) {
    return { problem: String(error) };
  }
}

function excerpt(bytes: Buffer): string {
  const text = bytes
    .subarray(0, 100_000)
    .toString('latin1')
    .replace(/(.{1,12}?)\1{20,}/gs, (run, part: string) => `${part}{${run.length}}`);
  return JSON.stringify(text.slice(0, 600));
}
