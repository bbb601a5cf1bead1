import test from 'ava';
import { HttpFault } from '../../src/http/fault.js';
import { pathSegments, queryParameters, routerPath } from '../../src/http/request-path.js';

/** Targets of requests, and the segments of their paths. */
const PATHS: readonly [url: string, segments: readonly string[]][] = [
  ['/', ['']],
  ['', ['']],
  ['/v1/images', ['v1', 'images']],
  ['/v1/images/', ['v1', 'images', '']],
  ['//v1/images', ['v1', 'images']],
  ['/v1//images', ['v1', '', 'images']],
  ['/v1/images?limit=1/2', ['v1', 'images']],
  ['/a%20b/%C3%A9', ['a b', 'é']],
  ['/a%2Fb', ['a', 'b']],
  ['/a%3Fb', ['a?b']],
  ['http://host:9292/v1/images?x', ['v1', 'images']],
  ['HTTPS://host/v1', ['v1']],
  ['http://host', ['']],
];
for (const [url, segments] of PATHS) {
  test(`the path of "${url}"`, (t) => {
    t.deepEqual(pathSegments(url), segments);
  });
}

for (const bad of ['%FF', '%', '%2', '%zz', '%C3%28']) {
  test(`${bad} cannot be decoded, in a path or a query`, (t) => {
    for (const decode of [
      () => pathSegments(`/${bad}`),
      () => queryParameters(`/?${bad}=1`),
      () => queryParameters(`/?a=${bad}`),
    ]) {
      const error = t.throws(decode, { instanceOf: HttpFault });
      t.is(error?.status, 400);
    }
  });
}

test('the router gets each segment as one, whatever is in it', (t) => {
  t.is(routerPath(['v1', 'a b', 'é', 'x?y', '']), '/v1/a%20b/%C3%A9/x%3Fy/');
  t.is(routerPath(['\ud800']), '/%EF%BF%BD');
});

/** Queries, and their parameters in order. */
const QUERIES: readonly [url: string, parameters: readonly [string, string][]][] = [
  ['/', []],
  ['/?', []],
  ['/?a', [['a', '']]],
  ['/?a=', [['a', '']]],
  ['/?=b', [['', 'b']]],
  [
    '/?a=1&b=2&a=3',
    [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ],
  ],
  ['/?&&a=1&', [['a', '1']]],
  ['/?a=b=c', [['a', 'b=c']]],
  [
    '/?a=1+2&b=1%2B2',
    [
      ['a', '1 2'],
      ['b', '1+2'],
    ],
  ],
  ['/?a%20b=%C3%A9', [['a b', 'é']]],
  [
    '/?a=?&b=/',
    [
      ['a', '?'],
      ['b', '/'],
    ],
  ],
];
for (const [url, parameters] of QUERIES) {
  test(`the query of "${url}"`, (t) => {
    t.deepEqual(queryParameters(url), parameters);
  });
}
