import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { monotonicClock } from '../../src/process/monotonic-clock.js';
import { createRegistry } from '../../src/registry/sql/index.js';
import { openMigrated } from '../support/databases.js';
import { anImage } from '../support/image-factory.js';
import { program, workFolder } from './program.js';

const PASTE = fileURLToPath(new URL('../../../test/support/glance-api-paste.ini', import.meta.url));

function policies(t: ExecutionContext): string {
  const cwd = workFolder(t);
  writeFileSync(
    join(cwd, 'a.conf'),
    `[database]\nconnection = sqlite:///${cwd}/db.sqlite\n[paste_deploy]\nconfig_file = ${PASTE}\n`,
  );
  writeFileSync(join(cwd, 'policy.yaml'), 'mine: "project_id:%(owner)s"\nget_image: "rule:mine or role:auditor"\n');
  mkdirSync(join(cwd, 'policy.d'));
  writeFileSync(join(cwd, 'policy.d/10.json'), '{"modify_image": [["role:editor", "rule:mine"], ["role:boss"]]}');
  return cwd;
}

test('policy list prints the rules of both APIs with their places', async (t) => {
  const cwd = policies(t);
  const { code, stdout, stderr } = await program('main', ['policy', 'list', 'a.conf'], cwd);
  t.deepEqual([code, stderr], [0, '']);
  const [v2 = '', v1 = ''] = stdout.split('\n# API v1\n');
  t.true(v2.startsWith('# API v2\n'));
  for (const book of [v1, v2]) {
    t.true(book.includes(`"get_image": "rule:mine or role:auditor"  # ${cwd}/policy.yaml:2\n`));
    t.true(book.includes(`"modify_image": "(role:editor and rule:mine) or role:boss"  # ${cwd}/policy.d/10.json:1\n`));
    t.true(book.includes('"publicize_image": "role:admin"  # built in\n'));
  }
  t.true(v2.includes('"tasks_api_access"'));
  t.false(v1.includes('"tasks_api_access"'));
  const one = await program('main', ['policy', 'list', '--api', 'v1', '--config-file', 'a.conf'], cwd);
  t.is(one.stdout, `# API v1\n${v1}`);
});

test('policy check says who decided, for a target given by hand', async (t) => {
  const cwd = policies(t);
  const check = async (...argv: string[]) => {
    const { code, stdout, stderr } = await program(
      'main',
      ['policy', 'check', '--config-file', 'a.conf', ...argv],
      cwd,
    );
    return { code, text: stdout.replaceAll(cwd, '') + stderr.replaceAll(cwd, '') };
  };
  const who = ['--api', 'v2', '--user', 'u1', '--project', 'p1', '--roles', 'Editor,x'];
  t.deepEqual(await check('--rule', 'modify_image', ...who, '--target', 'owner=p1', 'visibility=private'), {
    code: 0,
    text: `API v2: modify_image is allowed
decided by /policy.d/10.json:1: (role:editor and rule:mine) or role:boss
yes (role:editor and rule:mine) or role:boss
  yes role:editor and rule:mine
    yes role:editor   (roles: editor, x)
    yes rule:mine   (/policy.yaml:1)
      yes project_id:%(owner)s   (project_id: p1; %(owner)s: p1)

`,
  });
  const denied = await check('--rule', 'modify_image', ...who, '--target', 'owner=p2');
  t.is(denied.code, 3);
  t.regex(denied.text, /no {2}project_id:%\(owner\)s {3}\(project_id: p1; %\(owner\)s: p2\)\n {2}no {2}role:boss/);
  const both = await check('--rule', 'publicize_image', '--roles', 'admin');
  t.regex(
    both.text,
    /^API v2: publicize_image is allowed[\s\S]*\nAPI v1: publicize_image is allowed\ndecided by built in: role:admin\n/,
  );
  const service = await check('--api', 'v2', '--rule', 'get_image', '--service-roles', 'auditor');
  t.is(service.code, 3, 'roles of a service are not roles');

  t.deepEqual(await check('--rule', 'get_imge'), {
    code: 2,
    text: 'ERROR: there is no rule "get_imge"; did you mean "get_image"?\n',
  });
  t.is((await check()).code, 2);
  t.is((await check('--rule', 'get_image', '--api', 'v3')).code, 2);
  t.is((await check('--rule', 'get_image', '--target', 'owner')).code, 2);
  writeFileSync(join(cwd, 'policy.d/20'), 'a: rule:a');
  const broken = await check('--rule', 'get_image');
  t.deepEqual(broken, { code: 1, text: 'ERROR: policy file /policy.d/20: rule "a" refers to itself: a -> a\n' });
});

test('policy check asks about an image of the registry, and says when the actor does not find it', async (t) => {
  const cwd = policies(t);
  const db = await openMigrated(`sqlite:///${cwd}/db.sqlite`);
  const image = anImage({ owner: 'p2', visibility: 'private' });
  await createRegistry(db, monotonicClock()).images.add(image);
  await db.close();
  const argv = ['policy', 'check', 'a.conf', '--rule', 'get_image', '--image', image.id, '--project'];
  const owner = await program('main', [...argv, 'p2'], cwd);
  t.is(owner.code, 0, owner.stderr);
  t.regex(owner.stdout, /yes project_id:%\(owner\)s {3}\(project_id: p2; %\(owner\)s: p2\)/);
  const auditor = await program('main', [...argv, 'p1', '--roles', 'auditor'], cwd);
  t.is(auditor.code, 0);
  t.regex(auditor.stdout, /\nThe image is private and another project's: the actor does not find it \(404\), whatever/);
  const missing = await program('main', ['policy', 'check', 'a.conf', '--rule', 'get_image', '--image', 'nope'], cwd);
  t.deepEqual([missing.code, missing.stderr], [1, 'ERROR: there is no image nope\n']);
});
