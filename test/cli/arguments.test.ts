import test from 'ava';
import { helpOfFlags, parseArguments } from '../../src/cli/arguments.js';
import { LOGGING_OPTIONS } from '../../src/config/options/logging.js';

const settings = (...argv: string[]) =>
  parseArguments(argv).overrides.map(({ name, value, where }) => [name, value, where]);

test('files and folders may be repeated, and the rest are positionals', (t) => {
  const args = parseArguments(['--config-file', 'a', 'first', '--config-file=b', '--config-dir', 'd']);
  t.deepEqual([args.files, args.dirs, args.positionals], [['a', 'b'], ['d'], ['first']]);
  t.is(parseArguments([]).files, undefined);
});

test('the flags of logging, with hyphens or underscores, and their older names', (t) => {
  t.deepEqual(settings('-d', '-v'), [
    ['debug', 'True', '--debug'],
    ['verbose', 'True', '--verbose'],
  ]);
  t.deepEqual(settings('--nodebug', '--log_date_format', '%H', '--log-format=%(message)s'), [
    ['debug', 'False', '--nodebug'],
    ['log_format', '%(message)s', '--log-format'],
    ['log_date_format', '%H', '--log-date-format'],
  ]);
  t.deepEqual(settings('--log_file', 'f', '--logdir', 'd', '--log-config', 'c', '--use-syslog'), [
    ['log_config_append', 'c', '--log-config'],
    ['log_file', 'f', '--log-file'],
    ['log_dir', 'd', '--logdir'],
    ['use_syslog', 'True', '--use-syslog'],
  ]);
});

test("a program's own options", (t) => {
  t.deepEqual(parseArguments(['db', 'purge', '--age_in_days', '3'], ['age-in-days', 'max-rows']).own, {
    'age-in-days': '3',
  });
});

test('mistakes exit with 2 and name the flag', (t) => {
  for (const argv of [['--nope'], ['--debug=1'], ['--log-file'], ['-x']]) {
    const error = t.throws(() => parseArguments(argv), { name: 'StartupError' }, argv.join());
    t.like(error, { exitCode: 2 });
    t.true(error?.message.includes((argv[0] ?? '').replace(/=.*/, '')), error?.message);
  }
});

test('the help comes from the option table', (t) => {
  const help = helpOfFlags();
  t.true(help.includes(LOGGING_OPTIONS.log_file.help));
  t.regex(help, /--log-config-append, --log-config APPEND|--log-config-append/);
});
