import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { hashSync } from 'bcryptjs';
import { createHttpBasic } from '../../src/auth/http-basic.js';
import { isRegistryError } from '../../src/domain/errors.js';
import { quietLog } from '../support/quiet-log.js';
import { useFolder } from '../support/v1-server.js';

const folder = useFolder();
const hash = (password: string, minor = 'b') => hashSync(password, 4).replace('$2b$', `$2${minor}$`);
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

let files = 0;

function rig(text: string) {
  files += 1;
  const file = join(folder, `users-${files}`);
  writeFileSync(file, text);
  const lines: string[] = [];
  const source = createHttpBasic({ file, adminRole: 'boss', log: quietLog(lines) });
  const who = (authorization?: string) =>
    source.identify({
      header: (name) => (name === 'authorization' ? authorization : undefined),
      remoteAddress: '127.0.0.1',
    });
  /** A new text, whose time of change is that many seconds ahead: two changes may fall into one tick of the clock. */
  const write = (changed: string, ahead: number): void => {
    writeFileSync(file, changed);
    const time = Date.now() / 1000 + ahead;
    utimesSync(file, time, time);
  };
  return { source, who, write, lines };
}

test('users of the file are administrators without a project; nobody else is anybody', async (t) => {
  const { source, who } = rig(
    `# users\n\nann:${hash('secret')}\r\nbob:${hash('päss:word', 'y')}\ncid:${hash('old', 'a')}\nann:${hash('second')}\n`,
  );
  t.teardown(() => source.close());
  const roles = ['admin', 'member', 'reader', 'boss'];
  for (let round = 0; round < 2; round += 1) {
    t.deepEqual(await who(basic('ann', 'secret')), { user: 'ann', tenant: null, roles });
    t.deepEqual(await who(basic('bob', 'päss:word').replace('Basic', 'bAsIc ')), { user: 'bob', tenant: null, roles });
    t.deepEqual(await who(basic('cid', 'old')), { user: 'cid', tenant: null, roles });
  }
  t.is(await who(), undefined);
  const wrong = [
    basic('ann', 'Secret'),
    basic('ann', ''),
    basic('ann', 'second'),
    basic('nobody', 'secret'),
    basic('', 'secret'),
    `Basic ${Buffer.from('ann').toString('base64')}`,
    'Basic !!!',
    'Basic',
    'Bearer abc',
    '',
  ];
  for (const header of [...wrong, ...wrong]) {
    const error = await t.throwsAsync(who(header), undefined, header);
    t.true(isRegistryError(error, 'unauthenticated'), header);
    t.is(error?.message, '');
  }
  t.regex(source.challenge, /^Basic realm="/);
});

test('the file is read again when it changes, and a bad one leaves the old users', async (t) => {
  const { source, who, write, lines } = rig(`ann:${hash('one')}\n`);
  t.teardown(() => source.close());
  t.truthy(await who(basic('ann', 'one')));
  write(`ann:${hash('two')}\n`, 10);
  await t.throwsAsync(who(basic('ann', 'one')));
  t.truthy(await who(basic('ann', 'two')));
  write('ann:plain\n', 20);
  t.truthy(await who(basic('ann', 'two')));
  t.truthy(await who(basic('ann', 'two')));
  t.is(lines.length, 1);
  write('', 30);
  await t.throwsAsync(who(basic('ann', 'two')));
});

test('only bcrypt is taken, and the line is named', (t) => {
  for (const line of ['ann:secret', 'ann:$apr1$x$y', 'ann', ':x', 'ann:{SHA}abc', `ann:${hash('x').slice(0, -1)}`]) {
    t.throws(() => rig(`# users\n${line}\n`), { message: /^line 2: must be a user and a bcrypt hash/ }, line);
  }
  t.throws(() => createHttpBasic({ file: join(folder, 'none'), adminRole: 'admin', log: quietLog() }), {
    message: /ENOENT/,
  });
});

test('passwords are compared beside the requests, and only so many wait', async (t) => {
  const { source, who } = rig(`ann:${hashSync('secret', 10)}\n`);
  t.teardown(() => source.close());
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  }, 1);
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => who(basic('ann', `x${index}`))));
  clearInterval(ticking);
  const kinds = results.map((result) =>
    result.status === 'rejected' && isRegistryError(result.reason) ? result.reason.kind : 'taken',
  );
  t.is(kinds.filter((kind) => kind === 'unauthenticated').length, 32);
  t.is(kinds.filter((kind) => kind === 'busy').length, 8);
  t.true(turns > 40, `${turns} turns of the event loop`);
});
