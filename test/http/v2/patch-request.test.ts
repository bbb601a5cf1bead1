import test from 'ava';
import { HttpFault } from '../../../src/http/fault.js';
import { readPatch } from '../../../src/http/v2/patch-request.js';
import { answerOf, parseBody, SCHEMAS } from './codec-fixtures.js';

const DRAFT_4 = 'application/openstack-images-v2.0-json-patch';
const DRAFT_10 = 'application/openstack-images-v2.1-json-patch';

const BOTH = `${DRAFT_4}, ${DRAFT_10}`;

for (const type of [
  'application/json',
  'application/json-patch+json',
  '',
  'text/plain; charset=utf-8',
  `${DRAFT_4}x`,
]) {
  test(`the media type '${type}' is none of a patch`, (t) => {
    const error = t.throws(() => readPatch(type, [], SCHEMAS), { instanceOf: HttpFault });
    t.is(error.status, 415);
    t.deepEqual(error.headers, { 'Accept-Patch': BOTH });
    t.is(error.text.detail, `Image PATCH expects Content-Type one of: ${BOTH}`);
  });
}

test('parameters and case of the media type do not matter', (t) => {
  for (const type of [`${DRAFT_10}; charset=utf-8`, DRAFT_4.toUpperCase(), ` ${DRAFT_10} `]) {
    t.deepEqual(readPatch(type, [], SCHEMAS), []);
  }
});

/** Where Glance fails with a 500. */
const OUR_REFUSALS: readonly (readonly [type: string, body: string, answer: string])[] = [
  [DRAFT_10, '[{"op":"add","path":5,"value":"x"}]', '400 Pointer `5` does not start with "/".'],
  [DRAFT_10, '[{"op":"add","path":null,"value":"x"}]', '400 Pointer `None` does not start with "/".'],
  [DRAFT_10, '[{"op":"add","path":["/a"],"value":"x"}]', '400 Pointer `[\'/a\']` does not start with "/".'],
  [DRAFT_10, '[{"op":"remove","path":{}}]', '400 Pointer `{}` does not start with "/".'],
  [DRAFT_10, '[{"op":"add","path":"/stores","value":"x"}]', "403 Attribute 'stores' is read-only."],
  [DRAFT_10, '[{"op":"add","path":"/a//","value":"x"}]', '400 Pointer `/a//` contains adjacent "/".'],
  [DRAFT_10, '[{"op":"add","path":"///","value":"x"}]', '400 Pointer `///` contains adjacent "/".'],
  [
    DRAFT_10,
    '[{"op":false,"path":"/a"}]',
    '400 Invalid operation: `False`. It must be one of the following: add, remove, replace.',
  ],
  [
    DRAFT_10,
    '[{"op":"","path":"/a"}]',
    '400 Invalid operation: ``. It must be one of the following: add, remove, replace.',
  ],
  [DRAFT_10, '[{"op":"add","path":"/status","value":"x"},{"op":"zz"}]', "403 Attribute 'status' is read-only."],
  [DRAFT_10, '[{"op":"add","path":"/ status ","value":"x"}]', "403 Attribute 'status' is read-only."],
  [DRAFT_10, '[{"op":"add","path":"/locations/-","value":null}]', "400 schema: None is not of type 'object'"],
  [DRAFT_10, `[{"op":"remove","path":"/${'x'.repeat(2048)}"}]`, '400 A pointer is longer than 2048 characters.'],
  [DRAFT_4, '[{"add":5,"value":"x"}]', '400 Pointer `5` does not start with "/".'],
  [DRAFT_4, '[{"remove":null}]', '400 Pointer `None` does not start with "/".'],
  [
    DRAFT_4,
    '[{"__proto__":"/a"}]',
    '400 Operation objects must contain exactly one member named "add", "remove", or "replace".',
  ],
];

test('what Glance fails at is refused in words', (t) => {
  for (const [type, body, answer] of OUR_REFUSALS) {
    t.is(
      answerOf(() => readPatch(type, parseBody(body), SCHEMAS), 200),
      answer,
      body,
    );
  }
});

test('both media types come to the same operations', (t) => {
  const draft10 = parseBody(
    '[{"op":"add","path":"/a~1b~0 ","value":"x"},{"op":"replace","path":"/name","value":null},{"op":"remove","path":"/"}]',
  );
  const draft4 = parseBody('[{"add":"/a~1b~0 ","value":"x"},{"replace":"/name","value":null},{"remove":"/"}]');
  const operations = (overwrites: boolean) => [
    { op: 'add', name: 'a/b~', body: { 'a/b~': 'x' }, overwrites },
    { op: 'replace', name: 'name', body: { name: null } },
    { op: 'remove', name: '' },
  ];
  t.deepEqual<unknown, unknown>(readPatch(DRAFT_10, draft10, SCHEMAS), operations(true));
  t.deepEqual<unknown, unknown>(readPatch(DRAFT_4, draft4, SCHEMAS), operations(false));
});

test('operations on locations are told apart', (t) => {
  const location = { url: 'http://127.0.0.1/x', metadata: { store: 's' } };
  const operations = readPatch(
    DRAFT_10,
    [
      { op: 'add', path: '/locations/-', value: location },
      { op: 'replace', path: '/locations', value: [location] },
      { op: 'remove', path: '/locations/0' },
    ],
    SCHEMAS,
  );
  t.deepEqual<unknown, unknown>(operations, [
    { op: 'add-location', index: '-', location },
    { op: 'replace-locations', locations: [location] },
    { op: 'remove-location', index: '0' },
  ]);
});
