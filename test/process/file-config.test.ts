import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import test from 'ava';
import { parsePythonTuple } from '../../src/process/log/python-literal.js';
import { type TempLog, tempLog } from './temp-log.js';

/** A logging file with one handler on the root logger, and more sections. */
function write(temp: TempLog, handler: string, more = '', loggers = 'root', handlers = 'one'): string {
  const path = temp.path('logging.conf');
  writeFileSync(
    path,
    `[loggers]\nkeys = ${loggers}\n[handlers]\nkeys = ${handlers}\n[formatters]\nkeys = short\n
[formatter_short]\nformat = %(levelname)s %(name)s %(message)s\n
[logger_root]\nlevel = INFO\nhandlers = one\n[handler_one]\nformatter = short\n${handler}\n${more}`,
  );
  return path;
}

test("file handlers, in Python's words", async (t) => {
  const temp = tempLog(t);
  for (const kind of ['FileHandler', 'logging.handlers.WatchedFileHandler', 'handlers.WatchedFileHandler']) {
    const file = temp.path(kind);
    const { log, close } = temp.open({ log_config_append: write(temp, `class = ${kind}\nargs = ('${file}', 'a')`) });
    log.debug('no');
    log.info('yes');
    await close();
    t.is(temp.read(kind), 'INFO glance yes\n');
  }
});

test('a rotating file keeps backupCount files of at most maxBytes', async (t) => {
  const temp = tempLog(t);
  const handler = `class = handlers.RotatingFileHandler\nargs = ("${temp.path('r')}", "a", 100, 2)`;
  const { log, close } = temp.open({ log_config_append: write(temp, handler) });
  for (let n = 0; n < 10; n++) {
    log.info(`${n}`.repeat(50));
    await temp.until('r', `INFO glance ${`${n}`.repeat(50)}\n`);
  }
  await close();
  t.is(temp.read('r'), `INFO glance ${'9'.repeat(50)}\n`);
  t.is(temp.read('r.1'), `INFO glance ${'8'.repeat(50)}\n`);
  t.is(temp.read('r.2'), `INFO glance ${'7'.repeat(50)}\n`);
  t.throws(() => temp.read('r.3'), { code: 'ENOENT' });
});

test('levels, qualname, propagate and the level of a handler', async (t) => {
  const temp = tempLog(t);
  const more = `[handler_two]\nclass = FileHandler\nlevel = ERROR\nargs = ('${temp.path('two')}',)\n
[logger_api]\nqualname = glance.api\nlevel = DEBUG\nhandlers = two\npropagate = 0\n[logger_db]\nqualname = glance.db\nlevel = NOTSET\nhandlers = two\n`;
  const path = write(temp, `class = FileHandler\nargs = ('${temp.path('one')}',)`, more, 'root, api, db', 'one, two');
  const { log, close } = temp.open({ log_config_append: path });
  log.child('api').error('api');
  log.child('api').debug('api');
  log.child('db').error('db');
  log.child('db').debug('db');
  log.warning('root');
  await close();
  t.is(temp.read('one'), 'ERROR glance.db db\nWARNING glance root\n');
  t.is(temp.read('two'), 'api\ndb\n');
});

test('syslog by UDP carries facility and severity', async (t) => {
  const temp = tempLog(t);
  const server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const messages: string[] = [];
  const two = new Promise<void>((resolve) => {
    server.on('message', (message) => {
      if (message.length > 0 && messages.push(String(message)) === 2) resolve();
    });
  });
  const handler = `class = handlers.SysLogHandler\nargs = (('127.0.0.1', ${server.address().port}), handlers.SysLogHandler.LOG_LOCAL1)`;
  const { log, close } = temp.open({ log_config_append: write(temp, handler) });
  log.info('hello');
  log.error('ouch');
  await close();
  await two;
  server.close();
  await once(server, 'close');
  t.deepEqual(messages, [`<${17 * 8 + 6}>INFO glance hello`, `<${17 * 8 + 3}>ERROR glance ouch`]);
});

test('syslog by a socket in the file system', async (t) => {
  const temp = tempLog(t);
  const server = createServer();
  server.listen(temp.path('log.sock'));
  await once(server, 'listening');
  const received = new Promise<string>((resolve) => {
    server.on('connection', (socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text));
    });
  });
  const handler = `class = handlers.SysLogHandler\nargs = ('${temp.path('log.sock')}',)`;
  const { log, close } = temp.open({ log_config_append: write(temp, handler) });
  log.warning('$(id) `id` <3>not mine\nsecond');
  await close();
  t.regex(await received, /^<12>.* glance-api\[\d+\]: WARNING glance \$\(id\) `id` <3>not mine\\nsecond\n?$/);
  server.close();
  await once(server, 'close');
});

test('what is not possible is refused by name', (t) => {
  const temp = tempLog(t);
  const opens = (path: string) => () => temp.open({ log_config_append: path });
  const refused = (handler: string) => opens(write(temp, handler));
  t.throws(opens(temp.path('none')), {
    message: `Unable to locate specified logging config file: ${temp.path('none')}`,
  });
  t.throws(refused('class = handlers.SMTPHandler\nargs = ()'), {
    message: /\[handler_one\]: handler class SMTPHandler is not supported/,
  });
  t.throws(refused('class = handlers.TimedRotatingFileHandler\nargs = ("a",)'), { message: /is not supported/ });
  t.throws(refused('class = StreamHandler\nargs = (open("/etc/passwd"),)'), { message: /cannot read the arguments/ });
  t.throws(refused('class = StreamHandler\nargs = (sys.stdin,)'), { message: /sys\.stdout or sys\.stderr/ });
  t.throws(refused('class = FileHandler\nargs = ()'), { message: /needs the file's name/ });
  t.throws(refused('class = StreamHandler\nargs = (sys.stdout,)\nlevel = LOUD'), { message: /unknown level LOUD/ });
  t.throws(refused('class = handlers.SysLogHandler\nargs = ("/dev/log", LOG_NOPE)'), {
    message: /Unknown syslog facility "LOG_NOPE"/,
  });
  t.throws(opens(write(temp, 'class = StreamHandler', '', 'root, x')), { message: /no section \[logger_x\]/ });
  t.throws(opens(write(temp, 'class = StreamHandler\nformatter = nope')), { message: /no formatter nope/ });
});

test('argument tuples are read, never evaluated', (t) => {
  t.deepEqual(parsePythonTuple(`('a\\'b', "c", 10, -1, None, True, sys.stdout, ('h', 514), [1])`), [
    "a'b",
    'c',
    10,
    -1,
    null,
    true,
    { name: 'sys.stdout' },
    ['h', 514],
    [1],
  ]);
  t.deepEqual(parsePythonTuple('()'), []);
  t.deepEqual(parsePythonTuple('("a",)'), ['a']);
  for (const text of ['(', '(1', '1', '(1 2)', '(,)', 'f()', '(1) (2)', '("a)', '(1)]', '(a=1)', '(1+1)']) {
    t.throws(() => parsePythonTuple(text), { message: /cannot read the arguments/ }, text);
  }
});
