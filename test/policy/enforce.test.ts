import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { Actor } from '../../src/domain/actor.js';
import { RegistryError } from '../../src/domain/errors.js';
import type { Log } from '../../src/domain/ports/log.js';
import { V1_RULES } from '../../src/policy/defaults.js';
import { createPolicy } from '../../src/policy/enforce.js';

const member: Actor = {
  user: 'u1',
  tenant: 't1',
  owner: 't1',
  roles: ['member'],
  isAdmin: false,
  readOnly: false,
};

function listeningLog(): { log: Log; errors: string[] } {
  const errors: string[] = [];
  const quiet = () => {};
  const log: Log = {
    debug: quiet,
    info: quiet,
    warning: quiet,
    error: (message) => errors.push(message),
    critical: quiet,
    child: () => log,
  };
  return { log, errors };
}

function folder(t: { teardown(fn: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'glimpse-policy-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

test('a denial is a forbidden error without a text', (t) => {
  const policy = createPolicy({ defaultRule: 'default', book: V1_RULES, log: listeningLog().log });
  t.notThrows(() => policy.enforce(member, 'get_images'));
  const error = t.throws(() => policy.enforce(member, 'publicize_image'), { instanceOf: RegistryError });
  t.is(error.kind, 'forbidden');
  t.is(error.message, '');
});

test('a rule may look at the actor and the image', (t) => {
  const file = join(folder(t), 'policy.json');
  const rules = {
    by_user: 'user_id:%(creator)s',
    by_tenant: 'tenant:%(tenant)s',
    by_project: 'project_id:%(project_id)s',
    by_owner: 'tenant:%(owner)s',
    by_id: "'i1':%(image_id)s",
    by_admin: 'is_admin:True',
  };
  writeFileSync(file, JSON.stringify(rules));
  const policy = createPolicy({ file, defaultRule: 'default', book: V1_RULES, log: listeningLog().log });
  const mine = { id: 'i1', owner: 't1', creator: 'u1' };
  const others = { id: 'i2', owner: 't2', creator: 'u2', project_id: 't1', tenant: 't1' };
  for (const action of Object.keys(rules).filter((name) => name !== 'by_admin')) {
    t.true(policy.allows(member, action, mine), action);
    t.false(policy.allows(member, action, others), action);
    t.false(policy.allows(member, action), action);
  }
  t.false(policy.allows(member, 'by_admin'));
  t.true(policy.allows({ ...member, isAdmin: true }, 'by_admin'));
});

/** The file is looked at once in a turn of the event loop, which no two requests share. */
const nextRequest = setImmediate;

test('a file that comes, changes, breaks, heals and goes', async (t) => {
  const file = join(folder(t), 'policy.yaml');
  const { log, errors } = listeningLog();
  const policy = createPolicy({ file, defaultRule: 'default', book: V1_RULES, log });
  t.true(policy.allows(member, 'get_images'), 'absent: the built-in rules');

  writeFileSync(file, 'get_images: "!"');
  await nextRequest();
  t.false(policy.allows(member, 'get_images'), 'it came');

  writeFileSync(file, 'get_images: "@"');
  await nextRequest();
  t.true(policy.allows(member, 'get_images'), 'it changed, to the same size and within one tick of the clock');

  writeFileSync(file, 'get_images: "!"');
  await nextRequest();
  t.false(policy.allows(member, 'get_images'));

  writeFileSync(file, 'get_images: nonsense');
  await nextRequest();
  for (let round = 0; round < 3; round++) t.false(policy.allows(member, 'get_images'), 'broken: the last good rules');
  t.is(errors.length, 1, 'one line for one mistake');
  t.regex(errors[0] ?? '', /policy\.yaml:1: rule "get_images" has "nonsense"/);

  writeFileSync(file, '');
  await nextRequest();
  t.false(policy.allows(member, 'get_images'), 'emptied: somebody is about to write it');

  writeFileSync(`${file}.new`, 'get_images: role:member');
  renameSync(`${file}.new`, file);
  await nextRequest();
  t.true(policy.allows(member, 'get_images'), 'replaced');

  writeFileSync(file, 'get_images: "!"');
  await nextRequest();
  t.false(policy.allows(member, 'get_images'));
  rmSync(file);
  await nextRequest();
  for (let round = 0; round < 3; round++) t.false(policy.allows(member, 'get_images'), 'gone: the last rules');
  t.is(errors.length, 2);
  t.regex(errors[1] ?? '', /is gone/);
});

test('a file that is broken at the start is refused', (t) => {
  const path = folder(t);
  const { log } = listeningLog();
  const file = join(path, 'policy.json');
  writeFileSync(file, '{"get_images": "http://x/"}');
  t.throws(() => createPolicy({ file, defaultRule: 'default', book: V1_RULES, log }), {
    name: 'PolicyFileError',
    message: /get_images/,
  });
  t.throws(() => createPolicy({ file: path, defaultRule: 'default', book: V1_RULES, log }), {
    message: /cannot be read: EISDIR/,
  });
  writeFileSync(file, `# ${'x'.repeat(1024 * 1024)}`);
  t.throws(() => createPolicy({ file, defaultRule: 'default', book: V1_RULES, log }), {
    message: /more than the 1048576 allowed/,
  });
});
