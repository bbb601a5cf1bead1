import test from 'ava';
import { machine } from './temp-config.js';

const paste = (filter: string) => `[pipeline:glance-api]
pipeline = cors context api
[app:api]
paste.app_factory = glance.api.v1.router:API.factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
${filter}
`;

test('[cors] holds, with defaults; sections below it add origins and take the rest from it', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    `[cors]\nallowed_origin = http://a.example, http://b.example\nmax_age = 5\nallow_methods = GET,PUT
[cors.horizon]\nallowed_origin = https://h.example:8443\nallow_credentials = False\nmax_age = 0\n`,
  );
  const { cors, warnings } = here.load({ files: [file] });
  t.deepEqual(warnings, []);
  const [main, horizon] = cors;
  t.is(cors.length, 2);
  t.like(main, {
    allowed_origin: ['http://a.example', 'http://b.example'],
    allow_credentials: true,
    max_age: 5,
    allow_methods: ['GET', 'PUT'],
  });
  // Horizon sends these with an upload from the browser.
  for (const name of ['X-Auth-Token', 'X-Image-Meta-Store', 'X-OpenStack-Image-Size']) {
    t.true(main?.allow_headers.includes(name), name);
  }
  t.true(main?.expose_headers.includes('X-OpenStack-Request-ID'));
  t.like(horizon, {
    allowed_origin: ['https://h.example:8443'],
    allow_credentials: false,
    max_age: 0,
    allow_methods: ['GET', 'PUT'],
  });
  t.deepEqual(horizon?.allow_headers, main?.allow_headers);
});

test("the filter's own options come before the section, also for the sections below it", (t) => {
  const here = machine(t);
  here.write('a-paste.ini', paste('allowed_origin = http://valid.example.com\nallow_headers = X-A\nmax_age = 7'));
  const file = here.write(
    'a.conf',
    '[cors]\nallowed_origin = http://a.example\nexpose_headers = X-B\n[cors.other]\nallowed_origin = http://o.example\n',
  );
  const { cors } = here.load({ files: [file], env: { OS_CORS__MAX_AGE: '9' } });
  t.like(cors[0], {
    allowed_origin: ['http://valid.example.com'],
    allow_headers: ['X-A'],
    expose_headers: ['X-B'],
    max_age: 7,
  });
  t.like(cors[1], { allowed_origin: ['http://o.example'], allow_headers: ['X-A'], max_age: 7 });
});

test('without the filter nothing holds', (t) => {
  const here = machine(t);
  here.write('a-paste.ini', paste('').replace('pipeline = cors ', 'pipeline = '));
  const file = here.write('a.conf', '[cors]\nallowed_origin = *\n');
  t.deepEqual(here.load({ files: [file] }).cors, []);
});

test('mistakes are reported once, where they were made, and unknown options are warnings', (t) => {
  const here = machine(t);
  here.write('a-paste.ini', paste('allow_credentials = perhaps'));
  const file = here.write('a.conf', '[cors]\nmax_age = x\n[cors.b]\nmax_age = y\n');
  const error = t.throws(() => here.load({ files: [file] }));
  t.is(error?.message.replaceAll(`${here.root}/`, '').match(/a\.conf:2: \[cors\] max_age = "x"/g)?.length, 1);
  t.regex(error?.message ?? '', /a\.conf:4: \[cors\.b\] max_age = "y": must be an integer/);
  t.regex(error?.message ?? '', /the cors filter: \[cors\] allow_credentials = "perhaps": must be a boolean/);
  const other = machine(t);
  const { warnings } = other.load({ files: [other.write('a.conf', '[cors.b]\nallow_origin = *\n')] });
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /unknown option \[cors\.b\] allow_origin; did you mean allowed_origin\?/);
});

test('where metrics are: host and port, IPv6 in brackets, or nowhere', (t) => {
  const here = machine(t);
  const bind = (value: string) =>
    here.load({ files: [here.write('m.conf', `[glimpse]\nmetrics_bind = ${value}\n`)] }).values.glimpse.metrics_bind;
  t.is(bind(''), null);
  t.deepEqual(bind('127.0.0.1:9100'), { host: '127.0.0.1', port: 9100 });
  t.deepEqual(bind(' localhost:0 '), { host: 'localhost', port: 0 });
  t.deepEqual(bind('[::1]:9100'), { host: '::1', port: 9100 });
  for (const wrong of ['9100', ':9100', '127.0.0.1', '::1:9100', 'a:65536', 'a:9100/metrics', 'http://a:1', '[]:1']) {
    const error = t.throws(() => bind(wrong), undefined, wrong);
    t.regex(error?.message ?? '', /\[glimpse\] metrics_bind = .*: must read host:port/);
  }
});
