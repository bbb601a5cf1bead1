import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { tempLog } from './temp-log.js';

test("INFO and above by default, DEBUG with debug, in oslo's format", async (t) => {
  const temp = tempLog(t);
  for (const debug of ['False', 'True']) {
    const { log, close } = temp.open({ log_file: temp.path(debug), debug });
    log.debug('quiet');
    log.info('plain', { bytes: 12, note: 'two words' });
    log.child('api').warning('asked', { requestId: 'req-1', user: 'jo', tenant: 'acme' });
    await close();
  }
  const stamp = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ${process.pid}`;
  const plain = `${stamp} INFO glance \\[-\\] plain bytes=12 note="two words"\n`;
  const asked = `${stamp} WARNING glance\\.api \\[req-1 jo acme - - -\\] asked\n`;
  t.regex(temp.read('False'), new RegExp(`^${plain}${asked}$`));
  t.regex(temp.read('True'), new RegExp(`^${stamp} DEBUG glance \\[-\\] quiet\n${plain}${asked}$`));
});

test('an error is printed whole, each line with its prefix, and without secrets', async (t) => {
  const temp = tempLog(t);
  const { log, close } = temp.open({ log_file: temp.path('a'), logging_exception_prefix: 'P %(name)s ' });
  log.error('failed', { error: new Error('first\nsecond', { cause: new Error('postgresql://u:hidden@h/d') }) });
  await close();
  const [, ...stack] = temp.read('a').trimEnd().split('\n');
  t.deepEqual(stack.slice(0, 2), ['P glance Error: first', 'P glance second']);
  t.true(stack.every((line) => line.startsWith('P glance ')));
  t.true(temp.read('a').includes('Caused by: Error: postgresql://***@h/d'));
});

test('a message cannot forge a second line', async (t) => {
  const temp = tempLog(t);
  const { log, close } = temp.open({ log_file: temp.path('a'), log_format: '%(message)s' });
  log.info('one\ntwo\r\u001b[31m', { name: 'x\ny' });
  await close();
  t.is(temp.read('a'), 'one\\ntwo\\x0d\\x1b[31m name="x\\ny"\n');
});

test('log_format = json writes one object a line', async (t) => {
  const temp = tempLog(t);
  const { log, close } = temp.open({ log_file: temp.path('a'), log_format: 'json' });
  log.info('hello\nthere', {
    requestId: 'req-1',
    token: 'x',
    bytes: 3,
    level: 'forged',
    error: new Error('password=hidden'),
  });
  await close();
  const line: unknown = JSON.parse(temp.read('a'));
  t.like(line, {
    name: 'glance',
    level: 'INFO',
    message: 'hello\nthere',
    requestId: 'req-1',
    token: '***',
    bytes: 3,
    pid: process.pid,
  });
  t.false(temp.read('a').includes('hidden'));
  t.is(temp.read('a').split('\n').length, 2);
});

test('a file that was renamed or removed is opened anew at the next line', async (t) => {
  const temp = tempLog(t);
  const { log, close } = temp.open({ log_file: temp.path('a'), log_format: '%(message)s' });
  log.info('1');
  await temp.until('a', '1\n');
  renameSync(temp.path('a'), temp.path('a.1'));
  log.info('2');
  await temp.until('a', '2\n');
  rmSync(temp.path('a'));
  log.info('3');
  await close();
  t.is(temp.read('a.1'), '1\n');
  t.is(temp.read('a'), '3\n');
});

test('reopen makes a missing file at once, also while lines are on their way, and survives a missing folder', async (t) => {
  const temp = tempLog(t);
  const { log, reopen, close } = temp.open({ log_file: temp.path('a'), log_format: '%(message)s' });
  rmSync(temp.path('a'));
  reopen();
  t.true(existsSync(temp.path('a')));
  for (let n = 0; n < 1000; n++) {
    log.info(String(n));
    if (n % 100 === 0) reopen();
  }
  await close();
  t.is(temp.read('a'), Array.from({ length: 1000 }, (_, n) => `${n}\n`).join(''));
});

test('log_dir names the file after the program; default_log_levels hold for loggers and those below', async (t) => {
  const temp = tempLog(t);
  const { log, close } = temp.open({
    log_dir: temp.folder,
    log_format: '%(name)s %(message)s',
    default_log_levels: 'glance.loud=DEBUG, glance.quiet=ERROR',
  });
  for (const name of ['loud', 'quiet', 'other']) {
    log.child(name).debug('d');
    log.child(name).child('below').warning('w');
  }
  await close();
  t.is(temp.read('glance-api.log'), 'glance.loud d\nglance.loud.below w\nglance.other.below w\n');
});

test('mistakes name what is wrong', (t) => {
  const temp = tempLog(t);
  writeFileSync(temp.path('plain'), '');
  const opens = (options: Record<string, string>) => () => temp.open({ log_file: temp.path('a'), ...options });
  t.throws(opens({ log_file: temp.path('plain/a') }), {
    name: 'StartupError',
    message: /Cannot open the log file .*plain\/a: ENOTDIR/,
  });
  t.throws(opens({ log_format: '%(nope)s' }), { name: 'StartupError', message: /unknown field %\(nope\)/ });
  t.throws(opens({ log_date_format: '%Q' }), { name: 'StartupError', message: /unknown code %Q/ });
  t.throws(opens({ default_log_levels: 'glance' }), { message: /"glance" must read name=LEVEL/ });
  t.throws(opens({ use_syslog: 'True', syslog_log_facility: 'LOG_NOPE' }), {
    message: /Unknown syslog facility "LOG_NOPE"/,
  });
});
