import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../support/random.js';
import { openRig, type Rig } from './rig.js';

// A publisher in a process of its own, to be killed. argv: a folder, then either `once STEP COUNT`, which kills itself at that step, or `loop SEED`,
// which changes images and publishes them for ever, with a line on stdout for each generation.

const [folder = '', mode = '', first = '', second = ''] = process.argv.slice(2);
const rig = await openRig(folder);

if (mode === 'once') {
  let left = Number(second);
  await rig.publish({
    now: () => new Date(),
    step: (name) => {
      if (name !== first) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  });
} else {
  const random = new SeededRandom(Number(first));
  for (;;) {
    await change(rig, random);
    const { generation } = await rig.publish({ now: () => new Date(), step: () => sleep(random.integer(0, 3)) });
    process.stdout.write(`${generation}\n`);
  }
}
await rig.close();

/** Adds an image, and changes, hides or shows others. */
async function change({ registry, add }: Rig, random: SeededRandom): Promise<void> {
  const size = random.integer(1, 200_000);
  await add(random.bytes(size), { name: `image ${random.integer(1, 6)}` });
  const { items } = await registry.images.list({
    scope: [{ of: 'everything' }],
    filters: [],
    sort: [{ field: 'createdAt', direction: 'desc' }],
    limit: 20,
    deleted: 'exclude',
  });
  for (const { id } of items) {
    const dice = random.integer(0, 9);
    if (dice === 0) await registry.images.change(id, { minRam: random.integer(0, 1000) }, {});
    if (dice === 1) await registry.images.change(id, { visibility: 'private' }, {});
    if (dice === 2) await registry.images.change(id, { visibility: 'public' }, {});
    if (dice === 3 && items.length > 8) await registry.images.delete(id, 'deleted', {});
  }
}
