import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import test from 'ava';
import type { Destination } from '../../../src/sync/pull/destination.js';
import { MirrorJob } from '../../support/mirror-job.js';
import { addImage, directoryOf, type MadeImage } from '../../support/mirror-repository.js';
import { MirrorSource } from '../../support/mirror-source.js';

const OLD: MadeImage = { name: 'Debian 12', bytes: randomBytes(1000), version: '20261101', protected: true };
const NEW: MadeImage = { name: 'Debian 12', bytes: randomBytes(1001), version: '20261120', protected: true };

type Death = 'before' | 'after' | 'once';

/** A destination that does no more from its `nth` write on, before or after that is done; or that fails that one alone. */
function dying(destination: Destination, nth: number, death: Death): Destination {
  let writes = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    writes += 1;
    if (writes < nth || (death === 'once' && writes > nth)) return work();
    if (writes === nth && death === 'after') await work();
    throw new Error('dead');
  };
  return {
    api: destination.api,
    project: destination.project,
    fit: (draft) => destination.fit(draft),
    list: () => destination.list(),
    create: (draft) => counted(() => destination.create(draft)),
    upload: (...upload) => counted(() => destination.upload(...upload)),
    change: (...change) => counted(() => destination.change(...change)),
    remove: (id) => counted(() => destination.remove(id)),
    close: async () => {},
  };
}

for (const collision of ['rotate', 'replace'] as const) {
  for (const death of ['before', 'after', 'once'] as const) {
    test(`${collision}, dying ${death} any write: the next run makes it whole`, async (t) => {
      for (let nth = 1; ; nth += 1) {
        t.true(nth < 20);
        const source = await MirrorSource.open();
        const job = new MirrorJob(t, source);
        const offer = async (image: MadeImage) => {
          source.files.clear();
          await addImage(source.files, 'images/debian', image);
          source.put('SHA256SUMS', directoryOf(source.files));
        };
        const named = () =>
          [...job.destination.images.values()].map(({ name, visibility }) => `${name}: ${visibility}`).sort();
        await offer(OLD);
        await job.run();
        await offer(NEW);
        const before = existsSync(job.stateFile) ? readFileSync(job.stateFile) : undefined;
        const writes = job.destination.writes.length;
        const outcome = await job.run({ collision, destination: dying(job.destination, nth, death) });
        const died = outcome.results.some(({ action }) => action === 'failed') || outcome.warnings.length > 0;
        const visible = named().filter((name) => name.endsWith('public'));
        t.true(visible.length >= 1, `an image can be seen all the time: ${nth} ${named()}`);
        // What is killed writes no state.
        if (death !== 'once') {
          if (before === undefined) rmSync(job.stateFile);
          else writeFileSync(job.stateFile, before);
        }
        if (death === 'once' && outcome.results.some(({ action }) => action === 'failed')) {
          t.deepEqual(named(), ['Debian 12: public'], `as before, when write ${nth} failed`);
        }
        await job.run({ collision });
        const left = named();
        const expected =
          collision === 'rotate' ? ['Debian 12 (20261101): public', 'Debian 12: public'] : ['Debian 12: public'];
        t.deepEqual(left, expected, `after a death at write ${nth}`);
        const current = [...job.destination.images.values()].find(({ name }) => name === 'Debian 12');
        t.is(current?.properties.get('image_sync_serial'), '20261120');
        job.assertClean(t);
        await source.close();
        if (!died && job.destination.writes.length - writes < nth) break;
        if (!died) break;
      }
    });
  }
}
