import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** One comparison. */
export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

const port = parentPort;
if (!port) throw new Error('This module runs in a worker thread only.');

port.on('message', ({ password, hash }: Comparison) => port.postMessage(compareSync(password, hash)));
