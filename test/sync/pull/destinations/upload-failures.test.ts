import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openDestination } from '../../../../src/composition/open-destination.js';
import type { Destination, Draft } from '../../../../src/sync/pull/destination.js';
import { isSyncError } from '../../../../src/sync/sync-error.js';
import { calm } from '../../../suites/store-rig.js';
import { cloudOptions } from '../../../support/cloud-options.js';
import { quietLog } from '../../../support/quiet-log.js';
import { ServerUnderTest, type Settings } from '../../../support/server.js';

const CAP = 3_000_000;
const DRAFT: Draft = {
  name: 'image',
  diskFormat: 'raw',
  containerFormat: 'bare',
  minDisk: 0,
  minRam: 0,
  properties: new Map(),
  tags: [],
  protected: false,
};

/** Bytes without end that say when they are read no more. */
function endless(onChunk: (sent: number) => void = () => {}) {
  let closed = (): void => {};
  const over = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const bytes = async function* () {
    const chunk = randomBytes(256 * 1024);
    try {
      for (let sent = 0; ; sent += 1) {
        onChunk(sent);
        await turn();
        yield chunk;
      }
    } finally {
      closed();
    }
  };
  return { bytes: bytes(), over };
}

/** A test over both APIs, with a server of its own for each. */
function overBoth(
  title: string,
  settings: Settings,
  body: (t: ExecutionContext, destination: Destination, server: ServerUnderTest) => Promise<void>,
): void {
  for (const version of ['1', '2']) {
    test(`API v${version}: ${title}`, async (t) => {
      const server = await ServerUnderTest.start(settings);
      const env = { OS_ENDPOINT: `http://127.0.0.1:${server.port}`, OS_IMAGE_API_VERSION: version };
      const destination = await openDestination(cloudOptions(env), quietLog());
      try {
        await body(t, destination, server);
      } finally {
        await destination.close();
        server.dispose();
      }
    });
  }
}

overBoth(
  'an image beyond the cap is refused in the words of the server, while it is sent',
  {
    DEFAULT: { image_size_cap: CAP },
  },
  async (t, destination, server) => {
    const id = await destination.create(DRAFT);
    const { bytes, over } = endless();
    const error = await t.throwsAsync(destination.upload(id, bytes, undefined, calm()));
    await over;
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), /answered 413: .*image larger than 3000000 bytes/);
    await destination.remove(id);
    t.deepEqual(await destination.list(), []);
    await server.stop();
    t.deepEqual(server.storedFiles(), []);
  },
);

overBoth(
  'an image that is announced beyond the cap is refused before it is sent',
  {
    DEFAULT: { image_size_cap: CAP },
  },
  async (t, destination) => {
    const id = await destination.create(DRAFT);
    const { bytes, over } = endless();
    const error = await t.throwsAsync(destination.upload(id, bytes, 10 * CAP, calm()));
    await over;
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), /answered 4\d\d: .*image larger than 3000000 bytes/);
    await destination.remove(id);
  },
);

overBoth(
  'an image beyond the quota of its owner',
  {
    DEFAULT: { user_storage_quota: CAP },
  },
  async (t, destination) => {
    const id = await destination.create(DRAFT);
    const { bytes, over } = endless();
    const error = await t.throwsAsync(destination.upload(id, bytes, undefined, calm()));
    await over;
    t.true(isSyncError(error, 'destination'), String(error));
    t.regex(String(error), /answered 413: .*quota/);
    await destination.remove(id);
  },
);

overBoth('a server that dies while an image is sent', {}, async (t, destination, server) => {
  const id = await destination.create(DRAFT);
  const killed: Promise<void>[] = [];
  const { bytes, over } = endless((sent) => {
    if (sent === 20) killed.push(server.kill());
  });
  const error = await t.throwsAsync(destination.upload(id, bytes, undefined, calm()));
  await over;
  t.true(isSyncError(error, 'unreachable'), String(error));
  t.regex(String(error), new RegExp(`http://127.0.0.1:${server.port} broke off the upload: `));
  await Promise.all(killed);
  const gone = await t.throwsAsync(destination.remove(id));
  t.true(isSyncError(gone, 'unreachable'), String(gone));
  t.regex(String(gone), /cannot be reached: .*ECONNREFUSED/);
  await server.start();
  t.not((await destination.list())[0]?.status, 'active');
  await destination.remove(id);
  await server.stop();
  t.deepEqual(server.storedFiles(), []);
});
