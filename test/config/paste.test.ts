import test from 'ava';
import type { Config } from '../../src/config/load.js';
import { BUILT_IN_FLAVORS } from '../../src/config/pipeline.js';
import { machine } from './temp-config.js';

const kinds = (config: Config) => config.pipeline.filters.map((filter) => filter.kind).join(' ');
const FRONT = 'cors healthcheck http_proxy_to_wsgi versionnegotiation';
const FILTERS = `
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
allowed_origin = http://valid.example.com
[filter:healthcheck]
paste.filter_factory =
  oslo_middleware:Healthcheck.factory
disable_by_file_path = %(here)s/down
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
[filter:unauthenticated-context]
paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory
[filter:gzip]
paste.filter_factory = glance.api.middleware.gzip:GzipMiddleware.factory
[filter:fakeauth]
paste.filter_factory = glance.tests.utils:FakeAuthMiddleware.factory
[filter:cache]
paste.filter_factory = glance.api.middleware.cache:CacheFilter.factory
[filter:cachemanage]
paste.filter_factory = glance.api.middleware.cache_manage:CacheManageFilter.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
[filter:proxy]
paste.filter_factory = oslo_middleware:HTTPProxyToWSGI.factory
[filter:profiler]
paste.filter_factory = osprofiler.web:WsgiMiddleware.factory
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v1: apiv1app
/v2: apiv2app
[app:apiversions]
paste.app_factory = glance.api.versions:create_resource
[app:apiv1app]
paste.app_factory = glance.api.v1.router:API.factory
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
`;

test('the built-in flavors', (t) => {
  const here = machine(t);
  const of = (flavor: string) =>
    kinds(here.load({ files: [here.write('a.conf', `[paste_deploy]\nflavor = ${flavor}\n`)] }));
  t.is(of(''), `${FRONT} unauthenticated-context`);
  t.is(of('noauth'), `${FRONT} context`);
  t.is(of('trusted-auth+cachemanagement'), `${FRONT} context cache cachemanage`);
  t.is(of('fakeauth+caching'), `${FRONT} fakeauth context cache`);
  t.is(of('caching'), `${FRONT} unauthenticated-context cache`);
  t.is(of('cachemanagement'), `${FRONT} unauthenticated-context cache cachemanage`);
  t.is(of('http_basic+caching'), `${FRONT} http_basic context cache`);
  for (const flavor of BUILT_IN_FLAVORS.filter((one) => !one.includes('keystone'))) {
    t.notThrows(() => of(flavor), flavor);
  }
  for (const flavor of ['nope', 'caching+noauth', 'noauth+caching+caching', 'noauth+', 'constructor']) {
    if (flavor === 'noauth+') t.notThrows(() => of(flavor));
    else {
      const message =
        /unknown flavor; without a paste file there are caching, .*, keystone\+cachemanagement, http_basic, /;
      t.throws(() => of(flavor), { message }, flavor);
    }
  }
});

test('the paste file beside the configuration is read: filters in order, their options, the defaults', (t) => {
  const here = machine(t);
  here.write(
    'a-paste.ini',
    `[DEFAULT]\nregion = north\n[pipeline:glance-api-mine]\npipeline = proxy cors healthcheck profiler versionnegotiation gzip fakeauth\n  context cache cachemanage rootapp\n${FILTERS}`,
  );
  const config = here.load({ files: [here.write('a.conf', '[paste_deploy]\nflavor = mine\n')] });
  t.is(
    kinds(config),
    'http_proxy_to_wsgi cors healthcheck osprofiler versionnegotiation gzip fakeauth context cache cachemanage',
  );
  t.deepEqual(config.pipeline.apis, ['v1', 'v2']);
  const options = new Map(config.pipeline.filters.map((filter) => [filter.kind, filter.options]));
  t.deepEqual(options.get('cors'), { region: 'north', allowed_origin: 'http://valid.example.com' });
  t.deepEqual(options.get('healthcheck'), { region: 'north', disable_by_file_path: `${here.root}/down` });
});

test('use chains, set, filter-app, filter-with, a health app of its own, and only the APIs that are routed and enabled', (t) => {
  const here = machine(t);
  here.write(
    'other.ini',
    '[filter:base]\npaste.filter_factory = oslo_middleware.cors:filter_factory\nallowed_origin = http://base\nmax_age = %(age)s\nage = 5\n',
  );
  const paste = here.write(
    'p.ini',
    `[composite:glance-api]\npaste.composite_factory = glance.api:root_app_factory\n/: api\n/healthcheck: health\n[pipeline:api]\npipeline = mycors top\n
[filter:mycors]\nuse = config:other.ini#base\nset level = 2\nallowed_origin = http://mine\n
[filter-app:top]\npaste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory\nnext = only\n
[app:only]\nuse = apiv1app\nfilter-with = gzip\n[app:health]\npaste.app_factory = oslo_middleware:Healthcheck.app_factory\ndetailed = False\n${FILTERS}`,
  );
  const text = `[paste_deploy]\nconfig_file = ${paste}\n`;
  const config = here.load({ files: [here.write('a.conf', text)] });
  t.is(kinds(config), 'cors context gzip healthcheck');
  t.deepEqual(config.pipeline.filters[0]?.options, {
    allowed_origin: 'http://mine',
    max_age: '5',
    age: '5',
    level: '2',
  });
  t.deepEqual(config.pipeline.apis, ['v1']);
  const off = here.load({ files: [here.write('b.conf', `${text}[DEFAULT]\nenable_v1_api = False\n`)] });
  t.deepEqual(off.pipeline.apis, []);
});

test('options and pipelines may share one file, as in the first releases', (t) => {
  const here = machine(t);
  const file = here.write(
    'a.conf',
    `[DEFAULT]\nbind_port = 1\n[pipeline:glance-api]\npipeline = context apiv1app\n${FILTERS}`,
  );
  const config = here.load({ files: [file] });
  t.is(kinds(config), 'context');
  t.deepEqual(config.warnings, []);
});

test('a paste file that is named and missing', (t) => {
  const here = machine(t);
  const file = here.write('a.conf', '[paste_deploy]\nconfig_file = nowhere.ini\n');
  t.throws(() => here.load({ files: [file] }), { message: 'Unable to locate paste config file for glance-api.' });
});

test('mistakes in a paste file', (t) => {
  const here = machine(t);
  const of = (pipeline: string, more = '') => {
    here.write('a-paste.ini', `[pipeline:glance-api]\npipeline = ${pipeline}\n${FILTERS}${more}`);
    return () => here.load({ files: [here.write('a.conf', '')] });
  };
  t.throws(of('nothing context rootapp'), { message: /a-paste\.ini:2: no filter nothing/ });
  t.throws(of('context nothing'), { message: /no pipeline or app nothing \(there are pipeline:glance-api\)/ });
  t.throws(of('odd context rootapp', '[filter:odd]\npaste.filter_factory = my.module:factory\n'), {
    message: /filter odd: unknown factory my\.module:factory/,
  });
  t.throws(of('context odd', '[app:odd]\npaste.app_factory = my.module:factory\n'), {
    message: /app odd: unknown factory my\.module:factory/,
  });
  t.throws(of('loop context rootapp', '[filter:loop]\nuse = loop\n'), { message: /filter loop uses itself/ });
  t.throws(of('context glance-api'), { message: /pipeline glance-api uses itself/ });
  t.throws(of('cors rootapp'), { message: /neither a context nor an unauthenticated-context/ });
  t.throws(of('authtoken context rootapp'), { message: /auth_url is not set/ });
  t.throws(of(''), { message: /the pipeline glance-api is empty/ });
});
