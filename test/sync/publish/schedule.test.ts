import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { RegistryError } from '../../../src/domain/errors.js';
import { type Alarm, PublishSchedule, type ScheduleOptions } from '../../../src/sync/publish/schedule.js';
import { quietLog } from '../../support/quiet-log.js';

/** Time that passes when the test says so. */
class TestAlarm implements Alarm {
  #now = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly act: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, act: () => void): () => void {
    const entry = { at: this.#now + milliseconds, act };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Lets so many milliseconds pass, and what they set off come to rest. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await settled();
      const [next] = [...this.#waiting].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
    this.#now = until;
  }

  get armed(): number {
    return this.#waiting.size;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

function rig(options: Partial<ScheduleOptions> = {}) {
  const alarm = new TestAlarm();
  const runs: number[] = [];
  const lines: string[] = [];
  const schedule = new PublishSchedule({
    interval: 0,
    delay: undefined,
    publish: async () => {
      runs.push(alarm.now());
    },
    log: quietLog(lines),
    alarm,
    ...options,
  });
  return { alarm, runs, lines, schedule };
}

test('at the start, and then at intervals from the end of a run', async (t) => {
  const { alarm, runs, schedule } = rig({ interval: 1000 });
  schedule.start();
  await alarm.pass(3500);
  t.deepEqual(runs, [0, 1000, 2000, 3000]);
  await schedule.stop();
  await alarm.pass(5000);
  t.is(runs.length, 4);
  t.is(alarm.armed, 0);
});

test('after the last of several changes, and not for ever later', async (t) => {
  const { alarm, runs, schedule } = rig({ delay: 100 });
  schedule.start();
  await alarm.pass(1000);
  for (let change = 0; change < 3; change += 1) {
    schedule.changed();
    await alarm.pass(60);
  }
  t.deepEqual(runs, [0]);
  await alarm.pass(1000);
  t.deepEqual(runs, [0, 1220]);
  for (let change = 0; change < 40; change += 1) {
    schedule.changed();
    await alarm.pass(50);
  }
  t.deepEqual(runs.slice(0, 3), [0, 1220, 3180], 'ten times the delay after the first of them');
  await schedule.stop();
});

test('without on_change changes do not matter', async (t) => {
  const { alarm, runs, schedule } = rig();
  schedule.start();
  schedule.changed();
  await alarm.pass(100_000);
  t.deepEqual(runs, [0]);
  await schedule.stop();
});

test('a change during a run makes another one, and never two at once', async (t) => {
  let release = (): void => {};
  let atOnce = 0;
  const starts: number[] = [];
  const { alarm, schedule } = rig({
    delay: 10,
    publish: async () => {
      starts.push(alarm.now());
      atOnce += 1;
      t.is(atOnce, 1);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      atOnce -= 1;
    },
  });
  schedule.start();
  await alarm.pass(0);
  schedule.changed();
  await alarm.pass(500);
  t.deepEqual(starts, [0]);
  release();
  await alarm.pass(500);
  t.is(starts.length, 2);
  release();
  await alarm.pass(500);
  t.is(starts.length, 2);
  await schedule.stop();
});

test('a run that fails is logged and tried again, ever more slowly, until it succeeds', async (t) => {
  let failing = true;
  const starts: number[] = [];
  const { alarm, lines, schedule } = rig({
    interval: 1_000_000,
    publish: async () => {
      starts.push(alarm.now() / 1000);
      if (failing) throw new Error('no room');
    },
  });
  schedule.start();
  await alarm.pass(110_000);
  t.deepEqual(starts, [0, 15, 45, 105]);
  t.is(lines.filter((line) => line === 'publishing failed').length, 4);
  failing = false;
  await alarm.pass(2_000_000);
  t.deepEqual(starts.slice(4), [225, 1225]);
  await schedule.stop();
});

test('where another publisher is at work it comes again, and that is no failure', async (t) => {
  const starts: number[] = [];
  const { alarm, lines, schedule } = rig({
    publish: async () => {
      starts.push(alarm.now());
      if (starts.length < 3) throw new RegistryError('busy', 'Another publisher is at work.');
    },
  });
  schedule.start();
  await alarm.pass(100_000);
  t.deepEqual(starts, [0, 15_000, 30_000]);
  t.false(lines.includes('publishing failed'));
  await schedule.stop();
});

test('stopping ends the run under way, and waits for it', async (t) => {
  let ended = false;
  const { alarm, lines, schedule } = rig({
    interval: 10,
    publish: async (signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await setImmediate();
      ended = true;
      signal.throwIfAborted();
    },
  });
  schedule.start();
  await alarm.pass(0);
  await schedule.stop();
  t.true(ended);
  t.deepEqual(lines, [], 'an end that was asked for is no failure');
  t.is(alarm.armed, 0);
});

test('stopping before the start', async (t) => {
  const { alarm, runs, schedule } = rig({ interval: 10 });
  await schedule.stop();
  schedule.start();
  schedule.changed();
  await alarm.pass(100);
  t.deepEqual(runs, []);
});
