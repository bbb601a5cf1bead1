import { randomBytes, randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { type ErrorKind, isRegistryError } from '../../../src/domain/errors.js';
import type { Store } from '../../../src/domain/ports/store.js';
import { at, calm, contents, pieces } from '../../suites/store-rig.js';
import type { Planned } from '../../support/swift/faults.js';
import { PART_BYTES, swiftRig } from '../../support/swift/rig.js';

const BYTES = randomBytes(3 * PART_BYTES + 5);
const SEGMENT = /-\d{5}$/;
const OBJECT = /\/[0-9a-f-]{36}(\?|$)/;
const ANY = /glance/;

/** A fault, the way in which the image is put, and what becomes of the put: an error's kind, or success. */
type Row = readonly [
  title: string,
  way: 'whole' | 'segments' | 'both',
  plans: readonly Planned[],
  outcome: ErrorKind | 'stored',
];

const ROWS: readonly Row[] = [
  [
    'a burst of 503 before the bytes',
    'both',
    [{ method: 'HEAD', path: ANY, times: 3, fault: { kind: 'status', status: 503 } }],
    'stored',
  ],
  [
    '503 without end before the bytes',
    'both',
    [{ method: 'HEAD', path: ANY, times: 4, fault: { kind: 'status', status: 503 } }],
    'storage-unavailable',
  ],
  ['a reset before the bytes', 'both', [{ method: 'HEAD', path: ANY, fault: { kind: 'lost' } }], 'stored'],
  [
    '503 for the object',
    'whole',
    [{ method: 'PUT', path: OBJECT, fault: { kind: 'status', status: 503 } }],
    'storage-unavailable',
  ],
  [
    '503 for the third segment',
    'segments',
    [{ method: 'PUT', path: SEGMENT, skip: 2, fault: { kind: 'status', status: 503 } }],
    'storage-unavailable',
  ],
  [
    'a reset in the middle of the object',
    'whole',
    [{ method: 'PUT', path: OBJECT, fault: { kind: 'reset', after: 50_000 } }],
    'storage-unavailable',
  ],
  [
    'a reset in the middle of a segment',
    'segments',
    [{ method: 'PUT', path: SEGMENT, skip: 1, fault: { kind: 'reset', after: 10_000 } }],
    'storage-unavailable',
  ],
  [
    'an early end of the connection',
    'both',
    [{ method: 'PUT', path: ANY, skip: 1, fault: { kind: 'short', after: 10_000 } }],
    'storage-unavailable',
  ],
  [
    'no answer to the object',
    'whole',
    [{ method: 'PUT', path: OBJECT, fault: { kind: 'stall', after: Number.POSITIVE_INFINITY } }],
    'storage-unavailable',
  ],
  [
    'no answer to a segment',
    'segments',
    [{ method: 'PUT', path: SEGMENT, skip: 1, fault: { kind: 'stall', after: 0 } }],
    'storage-unavailable',
  ],
  [
    'a lost answer to the object',
    'whole',
    [{ method: 'PUT', path: OBJECT, fault: { kind: 'lost' } }],
    'storage-unavailable',
  ],
  [
    'a lost answer to a segment',
    'segments',
    [{ method: 'PUT', path: SEGMENT, skip: 3, fault: { kind: 'lost' } }],
    'storage-unavailable',
  ],
  ['a lost answer to the manifest', 'segments', [{ method: 'PUT', path: OBJECT, fault: { kind: 'lost' } }], 'stored'],
  [
    'a burst of 503 for the manifest',
    'segments',
    [{ method: 'PUT', path: OBJECT, times: 3, fault: { kind: 'status', status: 503 } }],
    'stored',
  ],
  [
    '503 without end for the manifest',
    'segments',
    [{ method: 'PUT', path: OBJECT, times: 4, fault: { kind: 'status', status: 503 } }],
    'storage-unavailable',
  ],
  [
    'a manifest that is refused',
    'segments',
    [{ method: 'PUT', path: OBJECT, fault: { kind: 'status', status: 400 } }],
    'storage-unavailable',
  ],
  [
    'a wrong ETag of the object',
    'whole',
    [{ method: 'PUT', path: OBJECT, fault: { kind: 'etag' } }],
    'storage-unavailable',
  ],
  [
    'a wrong ETag of a segment',
    'segments',
    [{ method: 'PUT', path: SEGMENT, skip: 1, fault: { kind: 'etag' } }],
    'storage-unavailable',
  ],
  [
    'a full disk',
    'both',
    [{ method: 'PUT', path: ANY, skip: 1, fault: { kind: 'status', status: 507 } }],
    'storage-full',
  ],
  ['a quota', 'both', [{ method: 'PUT', path: ANY, skip: 1, fault: { kind: 'status', status: 413 } }], 'storage-full'],
  [
    'no permission',
    'both',
    [{ method: 'PUT', path: ANY, skip: 1, fault: { kind: 'status', status: 403 } }],
    'storage-denied',
  ],
  [
    'a token revoked in the middle',
    'segments',
    [{ method: 'PUT', path: SEGMENT, skip: 1, fault: { kind: 'status', status: 401 } }],
    'storage-unavailable',
  ],
  [
    'a container gone in the middle',
    'both',
    [{ method: 'PUT', path: ANY, skip: 1, fault: { kind: 'status', status: 404 } }],
    'storage-unavailable',
  ],
  [
    '503 while it tidies up',
    'segments',
    [
      { method: 'PUT', path: SEGMENT, skip: 2, fault: { kind: 'status', status: 503 } },
      { method: 'DELETE', path: SEGMENT, times: 3, fault: { kind: 'status', status: 503 } },
    ],
    'storage-unavailable',
  ],
];

const WAYS = {
  whole: { hint: { size: BYTES.length }, options: { largeObjectBytes: BYTES.length + 1 } },
  static: { hint: {}, options: {} },
  dynamic: { hint: { size: BYTES.length }, options: { largeObjectType: 'dlo' } },
} as const;

for (const [title, fitting, plans, outcome] of ROWS) {
  const names =
    fitting === 'whole'
      ? (['whole'] as const)
      : fitting === 'segments'
        ? (['static', 'dynamic'] as const)
        : (['whole', 'static', 'dynamic'] as const);
  for (const name of names) {
    const { hint, options } = WAYS[name];
    test(`${title} (${name})`, async (t) => {
      const { double, store, dispose } = await swiftRig({ ...options, limits: { retryMs: 1, headersMs: 300 } });
      try {
        const put = (key: string) => store.put(key, pieces(BYTES, 40_000), { worker: 'w1', signal: calm(), ...hint });
        for (const plan of plans) double.faults.plan(plan);
        const key = randomUUID();
        if (outcome === 'stored') await reads(t, store, (await put(key)).url);
        else {
          const error = await t.throwsAsync(put(key));
          t.true(isRegistryError(error, outcome), String(error));
          t.notRegex(String(error), /127\.0\.0\.1|testing|AUTH_test/);
          t.true(double.faults.spent, 'the fault happened');
          t.deepEqual(await double.leftovers(), []);
          t.deepEqual(double.objects.names('AUTH_test/glance'), [], 'nothing is visible');
          await reads(t, store, (await put(key)).url);
        }
        t.true(double.faults.spent, 'the fault happened');
        t.deepEqual(await double.leftovers(), []);
      } finally {
        await dispose();
      }
    });
  }
}

async function reads(t: ExecutionContext, store: Store, url: string): Promise<void> {
  t.true((await contents(await store.open(at(url), undefined, calm()))).equals(BYTES));
}
