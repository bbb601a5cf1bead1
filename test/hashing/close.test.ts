import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

test('a hasher that is closed while an answer is on its way closes, and the program goes on', (t) => {
  const program = fileURLToPath(new URL('./close-child.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  t.deepEqual([status, stdout], [0, 'closed\n'], stderr);
});
