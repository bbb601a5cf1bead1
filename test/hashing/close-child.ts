import { createHasher } from '../../src/hashing/hasher.js';

/** Closes a hasher whose thread has answered what nobody has read yet. */
const hasher = createHasher(1);
const digest = hasher.start(['sha256']);
await digest.update(new Uint8Array(1 << 20));
void Promise.resolve(digest.update(new Uint8Array(1 << 20))).catch(() => {});
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
await hasher.close();
process.stdout.write('closed\n');
