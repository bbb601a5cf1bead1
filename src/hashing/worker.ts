import type { Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { Answer, Order } from './messages.js';
import { newHash } from './new-hash.js';

const hashes = new Map<number, Hash>();
const port = parentPort;
if (!port) throw new Error('This module runs in a worker thread only.');

const answer = (text: Answer): void => port.postMessage(text);

port.on('message', (order: Order) => {
  switch (order.kind) {
    case 'start':
      hashes.set(order.id, newHash(order.algorithm));
      break;
    case 'update':
      // After an abort the hash is gone, but the slab is still waited for.
      hashes.get(order.id)?.update(order.bytes);
      answer({ id: order.id });
      break;
    case 'finish': {
      const digest = hashes.get(order.id)?.digest('hex') ?? '';
      hashes.delete(order.id);
      answer({ id: order.id, digest });
      break;
    }
    case 'abort':
      hashes.delete(order.id);
      break;
  }
});
