import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import type { Workers } from '../domain/ports/workers.js';

/** When a process started, in clock ticks since boot: tells a process from a later one with its number. Undefined when there is none. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The fields behind the command's name, which may hold anything and ends with the last parenthesis; see proc(5).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** One name for all processes that see each other's numbers: this boot of this kernel, this namespace of process ids. */
function neighbourhood(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    return createHash('sha256').update(boot).update(readlinkSync('/proc/self/ns/pid')).digest('hex').slice(0, 12);
  } catch {
    return randomBytes(6).toString('hex');
  }
}

/** Processes by their number and start, which lets a restarted server clean up after its killed predecessor at once. */
export function localWorkers(): Workers {
  const here = neighbourhood();
  const self = [here, process.pid, startOf(process.pid) ?? '0', randomBytes(4).toString('hex')].join('.');
  return {
    self,
    isGone(worker) {
      const [where, pid, start] = worker.split('.');
      return where === here && worker !== self && startOf(Number(pid)) !== start;
    },
  };
}
