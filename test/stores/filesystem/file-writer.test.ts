import { randomBytes } from 'node:crypto';
import { constants, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createSlabPool } from '../../../src/stream/slabs.js';
import { FileWriter } from '../../../stores/filesystem/file-writer.js';
import { openFiles, testFolder } from '../../suites/store-folder.js';

const MIB = 1024 * 1024;
const pool = createSlabPool();

/** A slab as the data path lends it, and the same bytes where no direct write takes them. */
function slab(): Uint8Array {
  const lent = pool.take(0);
  return lent ? lent.fill(randomBytes(1)[0] ?? 0) : new Uint8Array();
}
const crooked = (): Uint8Array => randomBytes(MIB + 1).subarray(1);

for (const [title, make] of [
  ['nothing', () => []],
  ['one slab', () => [slab()]],
  ['slabs and a tail', () => [slab(), slab(), randomBytes(12_345)]],
  ['a tail that is a whole number of blocks', () => [slab(), randomBytes(8192)]],
  ['small chunks before a slab', () => [randomBytes(100), slab(), randomBytes(1)]],
  ['memory that no direct write takes', () => [crooked(), crooked()]],
  ['slabs after such memory', () => [slab(), crooked(), slab()]],
  ['more than one flush', () => Array.from({ length: 130 }, (_, index) => (index % 2 ? slab() : crooked()))],
] as const) {
  test(`writes ${title}`, async (t) => {
    const folder = await testFolder();
    const path = join(folder.path, 'file');
    const chunks = make();
    const writer = await FileWriter.create(path, 0o600);
    for (const chunk of chunks) await writer.write(chunk);
    await writer.sync();
    await writer.close();
    const whole = Buffer.concat(chunks);
    t.is(writer.size, whole.length);
    t.true((await readFile(path)).equals(whole));
    t.deepEqual(await folder.leftovers(), ['file'], 'nothing is left open');
    await folder.remove();
  });
}

test('slabs are written past the page cache where the file system can do that', async (t) => {
  const folder = await testFolder();
  const path = join(folder.path, 'file');
  const capable = await open(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT).then(
    (file) => file.close().then(() => true),
    () => false,
  );
  await unlink(path).catch(() => {});
  const writer = await FileWriter.create(path, 0o600);
  await writer.write(slab());
  await writer.write(slab());
  t.is((await openFiles(path)).length, capable ? 2 : 1, 'the direct handle is still in use');
  await writer.close();
  await folder.remove();
});
