import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Middleware } from 'koa';
import type { RequestState } from '../../../src/http/context.js';
import { repositoryFolder, serving } from './rig.js';

const SECRET = 'what nobody may read';

const paths = [
  '..',
  '../',
  '../secret',
  '../../../../../../etc/passwd',
  'images/../../secret',
  'images/..',
  '%2e%2e/secret',
  '%2E%2E%2Fsecret',
  '.%2e/secret',
  '..%2fsecret',
  '..%5csecret',
  '..\\secret',
  'images\\a',
  '%5c..%5csecret',
  '%252e%252e/secret',
  '%252e%252e%252fsecret',
  '%c0%ae%c0%ae/secret',
  '%ff',
  '%',
  '%zz',
  'SHA256SUMS%00',
  'SHA256SUMS%00.html',
  '%00',
  'SHA256SUMS%0a',
  'SHA256SUMS%20',
  'SHA256SUMS/',
  '/SHA256SUMS',
  '//SHA256SUMS',
  './SHA256SUMS',
  'images//a',
  'images',
  'images/',
  'images/a/b',
  '.generations/1/SHA256SUMS',
  '%2egenerations/1/SHA256SUMS',
  '.generations',
  '.pool',
  '.state/format',
  '.state/lock',
  '.tmp/',
  '.secret',
  'images/.secret',
  'current/SHA256SUMS',
  'current',
  'link',
  'link-inside',
  'folder-link/secret',
  'pipe',
  '*',
  'SHA256SUMS;x',
  'SHA256SUMS|x',
  `${'a/'.repeat(600)}a`,
  'a'.repeat(2000),
  'con:/',
];

test('nothing but what was published is reached, however it is asked for', async (t) => {
  const { path, publish } = await repositoryFolder(t);
  await publish(1, { 'images/a': Buffer.from('a') }, { 'index.html': 'page' });
  writeFileSync(join(path, '..', 'secret'), SECRET);
  writeFileSync(join(path, '.secret'), SECRET);
  const [generation = ''] = readdirSync(join(path, '.generations'));
  const tree = join(path, '.generations', generation);
  mkdirSync(join(tree, 'other'));
  writeFileSync(join(tree, 'images', '.secret'), SECRET);
  writeFileSync(join(tree, '.secret'), SECRET);
  symlinkSync('/etc/passwd', join(tree, 'link'));
  symlinkSync('SHA256SUMS', join(tree, 'link-inside'));
  symlinkSync(join(path, '..'), join(tree, 'folder-link'));
  execFileSync('mkfifo', [join(tree, 'pipe')]);
  const { ask } = await serving(t, path);
  t.is((await ask('/repository/images/a')).status, 200);
  for (const asked of paths) {
    for (const method of ['GET', 'HEAD']) {
      const { status, body } = await ask(`/repository/${asked}`, {}, method);
      t.is(status, 404, `${method} ${asked}`);
      t.false(body.includes(SECRET) || body.includes('root:'));
    }
  }
});

test('other paths are not its own', async (t) => {
  const { path, publish } = await repositoryFolder(t);
  await publish(1, { 'images/a': Buffer.from('a') });
  const behind: Middleware<RequestState> = (ctx) => {
    ctx.status = 401;
    ctx.body = 'behind';
  };
  const { ask } = await serving(t, path, behind);
  for (const other of [
    '/',
    '/v2/images',
    '/repositoryx/images/a',
    '/Repository/images/a',
    '/x/repository/images/a',
    '//repository/images/a',
    '/%72epository/images/a',
  ]) {
    t.is((await ask(other)).status, 401, other);
  }
  for (const climbing of ['/repository/../v2/images', '/repository/..;/v2/images', '/repository/%2e%2e/v2/images']) {
    t.is((await ask(climbing)).status, 404, climbing);
  }
  t.is((await ask('http://elsewhere.example/repository/images/a')).body.toString(), 'a');
});
