import { join } from 'node:path';
import test from 'ava';
import { machine, problemsOf, valuesOf } from './temp-config.js';

test('values have the types and defaults of the table', (t) => {
  const { DEFAULT, glance_store, image_format } = valuesOf(t, '[DEFAULT]\nbind_port = 19292\n');
  t.is(DEFAULT.bind_port, 19292);
  t.is(DEFAULT.bind_host, '0.0.0.0');
  t.is(DEFAULT.image_size_cap, 1099511627776);
  t.is(DEFAULT.public_endpoint, null);
  t.is(glance_store.filesystem_store_datadir, null);
  t.true(image_format.disk_formats.includes('qcow2'));
});

test('repeated sections merge, the last line of an option counts, a multi option takes all', (t) => {
  const { DEFAULT, glance_store } = valuesOf(
    t,
    '[DEFAULT]\nbind_port = 1\n[glance_store]\nfilesystem_store_datadirs = /a:1\n[DEFAULT]\nbind_port = 2\nbacklog = 5\n' +
      '[glance_store]\nfilesystem_store_datadirs = /b\n',
  );
  t.is(DEFAULT.bind_port, 2);
  t.is(DEFAULT.backlog, 5);
  t.deepEqual(glance_store.filesystem_store_datadirs, ['/a:1', '/b']);
});

test('old names and old sections are read; a new name in the same file wins, one in an earlier file does not', (t) => {
  t.is(valuesOf(t, '[DEFAULT]\nsql_connection = sqlite:///old\n').database.connection, 'sqlite:///old');
  t.is(valuesOf(t, '[DATABASE]\nsql_connection = sqlite:///older\n').database.connection, 'sqlite:///older');
  t.is(valuesOf(t, '[DEFAULT]\nfilesystem_store_datadir = /x\n').glance_store.filesystem_store_datadir, '/x');
  t.is(valuesOf(t, '[database]\nconnection = new\n[DEFAULT]\nsql_connection = old\n').database.connection, 'new');
  const here = machine(t);
  const files = [
    here.write('1.conf', '[database]\nconnection = new'),
    here.write('2.conf', '[DEFAULT]\nsql_connection = old'),
  ];
  t.is(here.load({ files }).values.database.connection, 'old');
});

test('references to options, braced or not, of another section, and dollar signs', (t) => {
  const braced = (name: string) => `${'$'}{${name}}`;
  const { DEFAULT, database } = valuesOf(
    t,
    '[DEFAULT]\nstate_path = /var/lib\nlog_dir = $state_path/log\nlog_file = ' +
      braced('bind_host') +
      '-$bind_port\npublic_endpoint = $glance_store.default_store\nadmin_role = $$ $5 \\$x\n[database]\nconnection = sqlite:///' +
      braced('DEFAULT.state_path') +
      '/db\n',
  );
  t.is(DEFAULT.log_dir, '/var/lib/log');
  t.is(DEFAULT.log_file, '0.0.0.0-9292');
  t.is(DEFAULT.public_endpoint, 'file');
  t.is(DEFAULT.admin_role, '$ $5 $x');
  t.is(database.connection, 'sqlite:////var/lib/db');
});

test('a reference to nothing and one to itself are mistakes', (t) => {
  t.deepEqual(
    problemsOf(t, '[DEFAULT]\nlog_dir = $nowhere/x\nlog_file = $log_date_format\nlog_date_format = $log_file\n').length,
    3,
  );
  t.regex(
    problemsOf(t, '[DEFAULT]\nlog_dir = $nowhere/x\n').join(),
    /a\.conf:2: \[DEFAULT\] log_dir .* refers to \$nowhere, which is no option/,
  );
  t.regex(problemsOf(t, '[DEFAULT]\nlog_dir = $log_dir/x\n').join(), /refers to itself/);
});

test('all mistakes come together, with file and line, without secrets', (t) => {
  t.deepEqual(
    problemsOf(
      t,
      '[DEFAULT]\nbind_port = 99999\ndebug = maybe\nmalformed\n[database]\nconnection = pg://u:hidden@$h\n[paste_deploy]\nflavor = nope\n',
    ).map((line) => line.replace(/: unknown flavor;.*/, ': unknown flavor')),
    [
      'a.conf:4: no "=" or ":" in "malformed"',
      'a.conf:2: [DEFAULT] bind_port = "99999": must be at most 65535',
      'a.conf:3: [DEFAULT] debug = "maybe": must be a boolean (True or False)',
      'a.conf:6: [database] connection: refers to $h, which is no option (write $$ for a dollar sign)',
      '[paste_deploy] flavor = nope: unknown flavor',
    ],
  );
});

test('precedence: command line, environment, later file, earlier file, built in', (t) => {
  const here = machine(t);
  const files = [
    here.write('1.conf', '[DEFAULT]\nbind_port = 1\nbacklog = 1\nworkers = 1\nadmin_role = one'),
    here.write('2.conf', '[DEFAULT]\nbind_port = 2\nbacklog = 2\nworkers = 2'),
  ];
  const over = (name: string, value: string) => ({ section: 'DEFAULT', name, value, where: 'x' });
  const { DEFAULT, glimpse } = here.load({
    files,
    env: { OS_DEFAULT__BACKLOG: '3', OS_DEFAULT__BIND_PORT: '3', OS_GLIMPSE__V1_DIALECT: 'manual', OS_AUTH_URL: 'x' },
    overrides: [over('bind_port', '4')],
    builtIn: [over('admin_role', 'built'), over('bind_host', 'built')],
  }).values;
  t.deepEqual([DEFAULT.bind_port, DEFAULT.backlog, DEFAULT.workers], [4, 3, 2]);
  t.deepEqual([DEFAULT.admin_role, DEFAULT.bind_host, glimpse.v1_dialect], ['one', 'built', 'manual']);
});

test('a mistake in the environment or on the command line names the variable or the flag', (t) => {
  const here = machine(t);
  const files = [here.write('a.conf', '')];
  const overrides = [{ section: 'DEFAULT', name: 'debug', value: 'x', where: '--debug' }];
  t.throws(() => here.load({ files, env: { OS_DEFAULT__BACKLOG: 'x' } }), {
    message: /^OS_DEFAULT__BACKLOG: \[DEFAULT\] backlog = "x"/,
  });
  t.throws(() => here.load({ files, overrides }), { message: /^--debug: / });
});

test('without --config-file the first file of the search path is read, and ~/.glance comes first', (t) => {
  const here = machine(t);
  const where = (): string | undefined => here.load().files[0]?.slice(here.root.length + 1);
  t.throws(() => here.load(), {
    message: 'Unable to locate any configuration file. Cannot load application glance-api.',
  });
  for (const folder of ['etc', 'etc/glance', 'home', 'home/.glance']) {
    here.write(join(folder, 'glance-api.conf'), '[DEFAULT]\n');
    t.is(where(), join(folder, 'glance-api.conf'));
  }
});

test('built-in settings hold where no file is found, and --config-dir files come after --config-file, sorted', (t) => {
  const here = machine(t);
  const builtIn = [{ section: 'DEFAULT', name: 'backlog', value: '9', where: 'built-in' }];
  t.is(here.load({ builtIn }).values.DEFAULT.backlog, 9);
  const file = here.write('a.conf', '[DEFAULT]\nbacklog = 1');
  here.write('d/20.conf', '[DEFAULT]\nbacklog = 20');
  here.write('d/10.conf', '[DEFAULT]\nbacklog = 10');
  here.write('d/30.txt', '[DEFAULT]\nbacklog = 30');
  const config = here.load({ files: [file], dirs: ['d'] });
  t.is(config.values.DEFAULT.backlog, 20);
  t.is(config.files.length, 3);
  t.throws(() => here.load({ dirs: ['none'] }), { message: /Failed to read config file directory: .*none \(ENOENT\)/ });
  t.throws(() => here.load({ files: ['none.conf'] }), {
    message: 'Failed to read config file: none.conf (ENOENT)'.replace('none.conf', join(here.root, 'none.conf')),
  });
});

test('unknown options warn with the nearest known name; sections of backends are known by enabled_backends', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    '[DEFAULT]\nbind_prt = 1\nenabled_backends = fast:file, web:http\nconnection = x\nregistry_host = known\n[glance_stor]\na = 1\nb = 2\n' +
      '[fast]\nfilesystem_store_datadir = /fast\nfilesystem_store_datadr = /x\n[keystone_authtoken]\nsigning_dir = 1\n[zzz]\nq = 1\n',
  );
  const config = here.load({ files: [file] });
  t.deepEqual(
    config.warnings.map((line) => line.slice(here.root.length + 1)),
    [
      'a.conf:2: unknown option [DEFAULT] bind_prt; did you mean bind_port?',
      'a.conf:4: unknown option [DEFAULT] connection; did you mean connection in [database]?',
      'a.conf:7: unknown section [glance_stor]; did you mean [glance_store]?',
      'a.conf:11: unknown option [fast] filesystem_store_datadr; did you mean filesystem_store_datadir?',
      'a.conf:15: unknown section [zzz]',
    ],
  );
  t.deepEqual(
    config.backends.map(({ id, type, options }) => [id, type, options.filesystem_store_datadir]),
    [
      ['fast', 'file', '/fast'],
      ['web', 'http', null],
    ],
  );
});

test('find looks beside the last file first, then on the search path, then in the working directory', (t) => {
  const here = machine(t);
  const files = [here.write('one/a.conf', ''), here.write('two/b.conf', '')];
  const config = here.load({ files });
  t.is(config.find('policy.yaml'), undefined);
  for (const folder of ['.', 'etc/glance', 'one', 'two']) {
    const path = here.write(join(folder, 'policy.yaml'), '');
    t.is(config.find('policy.yaml'), path);
  }
});
