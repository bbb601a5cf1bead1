import test from 'ava';
import { type Leave, type LimitRules, ProjectLimits } from '../../src/service/project-limits.js';

const NONE: LimitRules = {
  requestsPerSecond: 0,
  burst: 1,
  concurrentUploads: 0,
  uploadBytes: 0,
  downloadBytes: 0,
  period: 100,
  tracked: 100,
};

const nothing = () => ({ received: 0, sent: 0 });
const SHOW = { uploads: false, downloads: false, traffic: nothing };

/** Limits at a time that the test sets. */
function rig(rules: Partial<LimitRules>) {
  const clock = { now: 0 };
  return { clock, limits: new ProjectLimits({ ...NONE, ...rules }, () => clock.now) };
}

const told = (leave: Leave) => ('limitedBy' in leave ? `${leave.limitedBy} ${leave.retryAfter}` : 'in');

function end(leave: Leave): void {
  if ('end' in leave) leave.end();
}

test('requests: a burst, then the rate, for each project by itself', (t) => {
  const { clock, limits } = rig({ requestsPerSecond: 2, burst: 3 });
  const ask = (project = 'p') => told(limits.admit(project, SHOW));
  t.deepEqual([ask(), ask(), ask(), ask(), ask()], ['in', 'in', 'in', 'requests 0.5', 'requests 0.5']);
  t.is(ask('q'), 'in');
  clock.now = 0.5;
  t.deepEqual([ask(), ask()], ['in', 'requests 0.5']);
  clock.now = 1000;
  t.deepEqual([ask(), ask(), ask(), ask()], ['in', 'in', 'in', 'requests 0.5'], 'no more is saved than the burst');
  clock.now = 999;
  t.is(ask(), 'requests 0.5', 'a clock that goes back gives nothing');
});

test('uploads at the same time: one that ended makes room, once', (t) => {
  const { limits } = rig({ concurrentUploads: 2 });
  const upload = () => limits.admit('p', { ...SHOW, uploads: true });
  const [first, second] = [upload(), upload()];
  t.deepEqual([told(first), told(second), told(upload())], ['in', 'in', 'uploads 10']);
  t.is(told(limits.admit('p', SHOW)), 'in', 'other requests go on');
  end(first);
  end(first);
  t.deepEqual([told(upload()), told(upload())], ['in', 'uploads 10']);
});

test('bytes: charged while they flow, overdrawn by what is under way, paid by waiting', (t) => {
  const { clock, limits } = rig({ uploadBytes: 1000, downloadBytes: 500 });
  let [received, sent] = [0, 0];
  const traffic = () => {
    const since = { received, sent };
    [received, sent] = [0, 0];
    return since;
  };
  const running = limits.admit('p', { uploads: true, downloads: false, traffic });
  const upload = () => told(limits.admit('p', { ...SHOW, uploads: true }));
  const download = () => told(limits.admit('p', { ...SHOW, downloads: true }));
  t.deepEqual([upload(), download()], ['in', 'in']);
  received = 1500;
  t.is(upload(), 'upload-bytes 50.1', 'it is still running');
  t.deepEqual([download(), told(limits.admit('p', SHOW))], ['in', 'in'], 'what takes no more of it goes on');
  [received, sent] = [500, 600];
  end(running);
  t.is(upload(), 'upload-bytes 100.1');
  t.is(download(), 'download-bytes 20.2');
  clock.now = 101;
  t.deepEqual([upload(), download()], ['in', 'in']);
});

test('no more projects are remembered than were asked for, and none that is busy is forgotten', (t) => {
  const { limits } = rig({ requestsPerSecond: 1, concurrentUploads: 1, tracked: 100 });
  t.is(told(limits.admit('busy', { ...SHOW, uploads: true })), 'in');
  for (let n = 0; n < 10_000; n++) end(limits.admit(`p${n}`, SHOW));
  t.is(limits.size, 100);
  t.is(told(limits.admit('p9999', SHOW)), 'requests 1', 'remembered');
  t.is(told(limits.admit('p1', SHOW)), 'in', 'forgotten');
  t.is(told(limits.admit('busy', { ...SHOW, uploads: true })), 'requests 1', 'remembered all the time');
});
