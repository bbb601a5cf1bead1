import test from 'ava';
import { compileFormat } from '../../src/process/log/python-format.js';
import type { LogRecord } from '../../src/process/log/record.js';
import { strftime } from '../../src/process/log/strftime.js';

const NOON = new Date(2024, 0, 31, 13, 5, 9, 42).getTime();
const RECORD: LogRecord = {
  name: 'glance.api',
  level: 'INFO',
  time: NOON,
  message: 'hello',
  fields: { requestId: 'req-1', user: 'jo', tenant: 'acme' },
};
const write = (format: string, dateFormat?: string) => compileFormat(format, dateFormat)(RECORD);

test('the formats of Glance and of oslo', (t) => {
  t.is(
    write('%(asctime)s %(levelname)8s [%(name)s] %(message)s', '%Y-%m-%d %H:%M:%S'),
    '2024-01-31 13:05:09     INFO [glance.api] hello',
  );
  t.is(
    write(
      '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(request_id)s %(user_identity)s] %(message)s',
      '%H:%M:%S',
    ),
    `13:05:09.042 ${process.pid} INFO glance.api [req-1 jo acme - - -] hello`,
  );
  t.is(write('%(asctime)s'), '2024-01-31 13:05:09,042');
});

test('width, alignment, zeros, precision, percent signs', (t) => {
  t.is(
    write('%(levelname)-8s|%(levelname).2s|%(levelno)05d|%(created).1f|100%%'),
    `INFO    |IN|00020|${(NOON / 1000).toFixed(1)}|100%`,
  );
});

test('absent fields are a hyphen', (t) => {
  const format = compileFormat('%(request_id)s %(user_identity)s', undefined);
  t.is(format({ ...RECORD, fields: {} }), '- - - - - -');
});

test('unknown fields and conversions are refused by name', (t) => {
  t.throws(() => write('%(nope)s'), { message: /unknown field %\(nope\)/ });
  t.throws(() => write('%(constructor)s'), { message: /unknown field/ });
  t.throws(() => write('%(message)q'), { message: /unknown conversion in %\(message\)q/ });
  t.throws(() => write('%(message)'), { message: /unknown conversion/ });
  t.throws(() => write('%s'), { message: /does not name a field/ });
  t.throws(() => write('%(message'), { message: /log format/ });
});

test('strftime codes', (t) => {
  const of = (format: string) => strftime(format)(NOON);
  t.is(of('%Y/%m/%d %y %j %e'), '2024/01/31 24 031 31');
  t.is(of('%I:%M %p %a %A %b %B %%'), '01:05 PM Wed Wednesday Jan January %');
  t.is(of('%F %T %f'), '2024-01-31 13:05:09 042000');
  t.regex(of('%z'), /^[+-]\d{4}$/);
  t.throws(() => of('%Q'), { message: /unknown code %Q/ });
});

test('a compiled date follows the clock', (t) => {
  const format = strftime('%S');
  t.deepEqual([NOON, NOON + 900, NOON + 2000].map(format), ['09', '09', '11']);
});
