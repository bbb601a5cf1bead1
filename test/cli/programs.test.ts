import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { program, workFolder } from './program.js';

const SERVED =
  '[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = 0\n[database]\nconnection = sqlite:///db.sqlite\n[glance_store]\nfilesystem_store_datadir = images\n[glimpse]\nauto_migrate = True\n';

const PASTE = `[pipeline:glance-api]\npipeline = context api\n[app:api]\npaste.app_factory = glance.api.v1.router:API.factory
[filter:context]\npaste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory\n`;

test('glance-api with a missing configuration, and with mistakes', async (t) => {
  const cwd = workFolder(t);
  const missing = await program('cli/glance-api', ['--config-file', 'none.conf'], cwd);
  t.is(missing.code, 1);
  t.regex(missing.stderr, /^ERROR: Failed to read config file: .*none\.conf \(ENOENT\)\n$/);
  writeFileSync(join(cwd, 'a.conf'), '[DEFAULT]\nbind_port = x\nbacklog = y\n[paste_deploy]\nconfig_file =\n');
  const wrong = await program('cli/glance-api', ['a.conf'], cwd);
  t.is(wrong.code, 4);
  t.is(
    wrong.stderr,
    'ERROR: 2 mistakes in the configuration:\n  a.conf:2: [DEFAULT] bind_port = "x": must be an integer\n  a.conf:3: [DEFAULT] backlog = "y": must be an integer\n',
  );
  writeFileSync(join(cwd, 'b.conf'), '[paste_deploy]\nconfig_file = none.ini\n');
  t.deepEqual(await program('cli/glance-api', ['--config-file', 'b.conf'], cwd), {
    code: 1,
    stdout: '',
    stderr: 'ERROR: Unable to locate paste config file for glance-api.\n',
  });
  t.is((await program('cli/glance-api', ['--nope'], cwd)).code, 2);
});

test('help and version', async (t) => {
  const cwd = workFolder(t);
  const help = await program('cli/glance-api', ['--help'], cwd);
  t.is(help.code, 0);
  t.regex(help.stdout, /--log-date-format/);
  for (const entry of ['main', 'cli/glance-api', 'cli/glance-manage'] as const) {
    const { code, stdout } = await program(entry, ['--version'], cwd);
    t.is(code, 0);
    t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
  }
  const bare = await program('main', [], cwd);
  t.is(bare.code, 2);
  t.regex(bare.stdout, /config sample\|docs\|check/);
  const unknown = await program('main', ['nope'], cwd);
  t.deepEqual(
    [unknown.code, unknown.stderr],
    [2, 'ERROR: unknown command "nope"; "glimpse --help" shows those there are\n'],
  );
});

test('glance-api serves the file given as its first argument, logs DEBUG glance, and ends with 0 at SIGTERM', async (t) => {
  const cwd = workFolder(t);
  writeFileSync(join(cwd, 'a.conf'), SERVED);
  const log = await program('cli/glance-api', ['a.conf', '--debug', '--log-file', 'api.log'], cwd, (stdout, kill) => {
    if (stdout.endsWith('\n')) kill('SIGTERM');
  });
  t.deepEqual([log.code, log.stderr], [0, '']);
  t.regex(
    log.stdout,
    /^Glimpse serves images at http:\/\/127\.0\.0\.1:\d+ - try: curl http:\/\/127\.0\.0\.1:\d+\/v1\/images\n$/,
  );
  t.regex(readFileSync(join(cwd, 'api.log'), 'utf8'), /DEBUG glance/);
});

test('SIGHUP opens the log file anew', async (t) => {
  const cwd = workFolder(t);
  const file = join(cwd, 'api.log');
  writeFileSync(join(cwd, 'a.conf'), SERVED);
  const { code } = await program('cli/glance-api', ['a.conf', '--log-file', file], cwd, (stdout, kill) => {
    if (!stdout.endsWith('\n')) return;
    rmSync(file);
    kill('SIGHUP');
    const timer = setInterval(() => {
      if (!existsSync(file) || readFileSync(file).length === 0) return;
      clearInterval(timer);
      kill('SIGTERM');
    }, 10);
  });
  t.is(code, 0);
  t.regex(readFileSync(file, 'utf8'), /INFO glance \[-\] Log files opened anew\n/);
});

test('glimpse serve has settings of its own, with its data in ./var', async (t) => {
  const cwd = workFolder(t);
  // An empty folder of configuration and a paste file in the home folder, so that those of the machine, if any, stay out of this.
  mkdirSync(join(cwd, 'empty'));
  mkdirSync(join(cwd, '.glance'));
  writeFileSync(join(cwd, '.glance/glance-api-paste.ini'), PASTE);
  const env = { OS_DEFAULT__BIND_HOST: '127.0.0.1', OS_DEFAULT__BIND_PORT: '0' };
  const argv = ['serve', '--config-dir', 'empty', '--log-file', 'api.log'];
  const { code, stdout } = await program('main', argv, cwd, (_, kill) => kill('SIGINT'), env);
  t.is(code, 0);
  t.regex(stdout, /^Glimpse serves images at /);
  t.true(existsSync(join(cwd, 'var/glimpse.sqlite')));
});

test('glance-manage: usage, mistakes, and the life of a database', async (t) => {
  const cwd = workFolder(t);
  writeFileSync(join(cwd, 'a.conf'), SERVED);
  const manage = async (...argv: string[]) => {
    const { code, stdout, stderr } = await program('cli/glance-manage', ['--config-file', 'a.conf', ...argv], cwd);
    return [code, stdout || stderr];
  };
  t.deepEqual(await manage(), [2, 'glance-manage category action [<args>]\nAvailable categories:\n\tdb\n']);
  t.is((await manage('db'))[0], 2);
  t.is((await manage('db', 'nope'))[0], 2);
  t.is((await manage('other', 'sync'))[0], 2);
  t.deepEqual(await manage('db', 'check'), [
    3,
    'Your database is not up to date. Your first step is to run `glance-manage db expand`.\n',
  ]);
  t.regex(String(await manage('db_version')), /^0,The database is empty/);
  t.deepEqual(await manage('db_sync'), [0, 'Database is synced successfully.\n']);
  t.deepEqual(await manage('db', 'sync'), [0, 'Database is up to date. No migrations needed.\n']);
  t.deepEqual(await manage('db', 'check'), [0, 'Database is up to date. No upgrades needed.\n']);
  const [, version] = await manage('db', 'version');
  t.deepEqual(await manage('db', 'upgrade', '--version', String(version).trim()), [
    0,
    'Database is up to date. No migrations needed.\n',
  ]);
  t.regex(
    String(await manage('db', 'upgrade', '--version', '1999')),
    /^1,ERROR: Cannot bring the database to version 1999/,
  );
  t.deepEqual(await manage('db', 'purge'), [0, 'Purged 0 deleted images.\n']);
  t.deepEqual(await manage('db_purge', '3', '5'), [0, 'Purged 0 deleted images.\n']);
  t.deepEqual(await manage('db', 'purge', '--age_in_days=-1'), [
    1,
    'ERROR: Must supply a non-negative value for age.\n',
  ]);
  t.deepEqual(await manage('db', 'purge', '--age_in_days=99999'), [
    1,
    'ERROR: Maximal age is count of days since epoch.\n',
  ]);
  t.deepEqual(await manage('db', 'purge', '--max_rows=0'), [1, 'ERROR: Minimal rows limit is 1.\n']);
  t.deepEqual(await manage('db', 'purge', '--max_rows=x'), [1, 'ERROR: Invalid int value for max_rows: x\n']);
});

test('glimpse config check shows mistakes and warnings, and starts nothing', async (t) => {
  const cwd = workFolder(t);
  writeFileSync(join(cwd, 'a.conf'), '[DEFAULT]\nbind_prt = 1\n');
  const fine = await program('main', ['config', 'check', '--config-file', 'a.conf'], cwd);
  t.is(fine.code, 0);
  t.true(fine.stdout.includes('Warning: a.conf:2: unknown option [DEFAULT] bind_prt; did you mean bind_port?\n'));
  t.is((await program('main', ['config', 'nope'], cwd)).code, 2);
});
