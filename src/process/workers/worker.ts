import cluster from 'node:cluster';
import type { MetricsSnapshot } from '../metrics.js';
import { type FromWorker, SLOT, type ToWorker } from './messages.js';

/** Whether this process was started by a supervisor, to serve. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Whether this worker does what one of them has to do for all. */
export function isFirstWorker(): boolean {
  return isWorker() && process.env[SLOT] === '0';
}

/** Calls back when another worker changed images. */
export function onChanged(callback: () => void): void {
  process.on('message', ({ kind }: ToWorker) => {
    if (kind === 'changed') callback();
  });
}

/** Resolves when the supervisor has it, or is gone. */
export function tellSupervisor(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

/**
 * Runs a worker's program and resolves with its exit code. A program that cannot start says so to the supervisor, which has the words for the operator:
 * several workers with one and the same mistake are one message.
 */
export async function runWorker(program: () => Promise<number>): Promise<number> {
  // A terminal sends Ctrl-C to all processes of the group: it is the supervisor who stops its workers.
  process.on('SIGINT', () => {});
  try {
    return await program();
  } catch (error) {
    const exitCode = exitCodeOf(error);
    await tellSupervisor({ kind: 'failed', message: error instanceof Error ? error.message : String(error), exitCode });
    return exitCode;
  }
}

function exitCodeOf(error: unknown): number {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 1;
}

/** Calls back when the supervisor is gone, however it went: nobody would restart, measure or stop this process any more. */
export function onSupervisorGone(callback: () => void): void {
  cluster.worker?.once('disconnect', () => {
    // Without this, Node would exit on the spot, in the middle of requests.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
    callback();
  });
}

/** Answers the supervisor's questions for metrics. */
export function answerMetrics(snapshot: () => Promise<MetricsSnapshot>): void {
  process.on('message', ({ kind }: ToWorker) => {
    if (kind === 'metrics') void snapshot().then((taken) => tellSupervisor({ kind, snapshot: taken }));
  });
}
