import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextRequest } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Actor } from '../../src/domain/actor.js';
import type { Log } from '../../src/domain/ports/log.js';
import { V1_RULES } from '../../src/policy/defaults.js';
import { policyOf, watchRules } from '../../src/policy/enforce.js';
import { V2_RULES } from '../../src/policy/rbac.js';

const member: Actor = { user: 'u1', tenant: 't1', owner: 't1', roles: ['member'], isAdmin: false, readOnly: false };

/** A folder with a policy file and a policy.d to be, and the policies of both APIs over them. */
function rig(t: ExecutionContext, before: (folder: string) => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'glimpse-policy-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  before(folder);
  const lines: string[] = [];
  const quiet = () => {};
  const note = (message: string) => lines.push(message.replaceAll(folder, ''));
  const log: Log = { debug: quiet, info: quiet, warning: note, error: note, critical: quiet, child: () => log };
  const file = join(folder, 'policy.yaml');
  const folders = [join(folder, 'policy.d'), join(folder, 'late.d')];
  const open = () => watchRules({ file, folders, defaultRule: 'default', log }, [V1_RULES, V2_RULES]);
  const rules = open();
  const v1 = policyOf(rules, V1_RULES);
  const v2 = policyOf(rules, V2_RULES);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  return { folder, lines, v1, v2, write, open };
}

test('folders win over the file, later names over earlier ones, later folders over earlier ones', async (t) => {
  const { folder, v2, write, lines } = rig(t);
  const allows = async () => {
    await nextRequest();
    return v2.allows(member, 'publicize_image');
  };
  t.false(await allows());
  write('policy.yaml', 'publicize_image: role:member');
  t.true(await allows(), 'the file');

  mkdirSync(join(folder, 'policy.d'));
  write('policy.d/20.json', '{"publicize_image": "!"}');
  t.false(await allows(), 'a folder that came, with a file');
  write('policy.d/10.yaml', 'publicize_image: "@"');
  t.false(await allows(), 'an earlier name loses');
  write('policy.d/30', 'publicize_image: "@"');
  t.true(await allows(), 'a later one wins, whatever its ending');
  write('policy.d/30', 'publicize_image: "!"');
  t.false(await allows(), 'it changed, to the same size');
  rmSync(join(folder, 'policy.d/30'));
  renameSync(join(folder, 'policy.d/10.yaml'), join(folder, 'policy.d/40.yaml'));
  t.true(await allows(), 'one was removed, another renamed');

  for (const name of ['.hidden.yaml', '50.yaml~']) write(`policy.d/${name}`, 'publicize_image: "!"');
  mkdirSync(join(folder, 'policy.d/60.yaml'));
  t.true(await allows(), 'hidden files, copies of editors and folders do not count');
  mkdirSync(join(folder, 'late.d'));
  write('late.d/00.yaml', 'publicize_image: "!"');
  t.false(await allows(), 'a later folder');
  rmSync(join(folder, 'late.d/00.yaml'));
  t.true(await allows());
  for (const name of ['20.json', '40.yaml']) rmSync(join(folder, 'policy.d', name));
  write('policy.yaml', '{}');
  t.false(await allows(), 'back to the built-in rule');
  t.deepEqual(lines, []);
});

test('a broken file keeps all rules as they were and says so once, for both APIs together', async (t) => {
  const { folder, v1, v2, write, lines } = rig(t, (path) => mkdirSync(join(path, 'policy.d')));
  write('policy.yaml', 'get_images: role:member');
  write('policy.d/a.yaml', 'get_image: role:member');
  await nextRequest();
  t.true(v2.allows(member, 'get_images'));

  write('policy.d/b.yaml', 'get_image: "!"\nadd_image: https://127.0.0.1/');
  write('policy.yaml', 'get_images: "!"');
  for (let round = 0; round < 3; round++) {
    await nextRequest();
    t.true(v2.allows(member, 'get_images'), 'not even what is sound by itself');
    t.true(v1.allows(member, 'get_images'));
  }
  t.is(lines.length, 1);
  t.regex(
    lines[0] ?? '',
    /^policy file \/policy\.d\/b\.yaml:2: rule "add_image" has .*https: checks are not supported.*; the last good rules/,
  );

  rmSync(join(folder, 'policy.d/b.yaml'));
  await nextRequest();
  t.false(v2.allows(member, 'get_images'), 'mended');
  write('policy.d/a.yaml', '');
  await nextRequest();
  t.true(v2.allows(member, 'get_image', { visibility: 'private' }), 'emptied: somebody is about to write it');
  rmSync(join(folder, 'policy.d'), { recursive: true });
  for (let round = 0; round < 3; round++) {
    await nextRequest();
    t.true(v2.allows(member, 'get_image', { visibility: 'private' }), 'a folder that is gone counts as it was');
  }
  t.is(lines.length, 2);
  t.regex(lines[1] ?? '', /\/policy\.d is gone/);
});

test('rules that refer to each other in a circle, also from file to file, are refused', (t) => {
  const start = (text: string, more = '') =>
    rig(t, (folder) => {
      writeFileSync(join(folder, 'policy.yaml'), text);
      mkdirSync(join(folder, 'policy.d'));
      if (more !== '') writeFileSync(join(folder, 'policy.d/x.yaml'), more);
    });
  const CIRCLES: readonly (readonly [text: string, more: string, circle: RegExp])[] = [
    ['a: rule:b\nb: "not rule:c or @"\nc: "rule:b"', '', /rule "b" refers to itself: b -> c -> b/],
    ['a: rule:a', '', /policy\.yaml: rule "a" refers to itself: a -> a/],
    ['default: rule:gone', '', /rule "default" refers to itself: default -> gone/],
    ['a: rule:b\nb: "@"', 'b: rule:a', /rule "a" refers to itself: a -> b -> a/],
    ['context_is_admin: rule:get_images', 'get_images: rule:context_is_admin', /refers to itself/],
  ];
  for (const [text, more, circle] of CIRCLES)
    t.throws(() => start(text, more), { name: 'PolicyFileError', message: circle });
});

test('what is probably a slip is said once, with its place', async (t) => {
  const { v2, write, lines } = rig(t);
  write(
    'policy.yaml',
    'get_imags: "!"\nhelper: "@"\nget_image: "rule:helper or rule:helpr"\nadd_image: "projct_id:%(owner)s"\nget_metadef_tags: ""\ndefault: ""',
  );
  for (let round = 0; round < 3; round++) {
    await nextRequest();
    v2.allows(member, 'get_image');
  }
  t.deepEqual(lines, [
    'policy file /policy.yaml:1: rule "get_imags" is asked for by nothing; did you mean "get_images"?',
    'policy file /policy.yaml:3: rule "get_image" refers to "helpr", which is not there: the default rule decides in its place; did you mean "helper"?',
    'policy file /policy.yaml:4: rule "add_image" looks at "projct_id", which is known of nobody, so that check never passes; did you mean "project_id"?',
  ]);
});
