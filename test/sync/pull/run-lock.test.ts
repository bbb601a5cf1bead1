import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { takeRunLock } from '../../../src/sync/pull/run-lock.js';
import { SyncError } from '../../../src/sync/sync-error.js';

test('One run at a time; what cannot be a lock is an error of its own', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-lock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.lock');
  const release = takeRunLock(file, 'a source');
  t.deepEqual(readdirSync(folder), ['a.lock'], 'nothing has to be written');
  t.is(t.throws(() => takeRunLock(file, 'a source'), { instanceOf: SyncError })?.kind, 'refused');
  release();
  takeRunLock(file, 'a source')();
  writeFileSync(file, 'something else that somebody wrote there'.repeat(100));
  for (const path of [file, join(folder, 'no', 'folder.lock')]) {
    const error = t.throws(() => takeRunLock(path, 'a source'), { instanceOf: SyncError });
    t.is(error?.kind, 'usage');
    t.regex(error?.message ?? '', /lock: the lock cannot be taken/);
  }
});
