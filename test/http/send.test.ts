import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import type { Opened } from '../../src/domain/ports/store.js';
import { type Sent, send } from '../../src/http/send.js';
import { openFiles } from '../suites/store-folder.js';
import { webServer } from '../suites/store-web-server.js';

const BYTES = randomBytes(3_000_001);

interface Source {
  opened(bytes: Buffer, start?: number, length?: number): Promise<Opened>;
  /** Bodies not closed. */
  open(): Promise<number>;
  dispose(): Promise<void>;
}

async function files(): Promise<Source> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-send-'));
  let count = 0;
  return {
    async opened(bytes, start = 0, length = bytes.length - start) {
      count += 1;
      const path = join(folder, String(count));
      await writeFile(path, bytes);
      const file = await open(path);
      const none = async function* () {};
      return { bytes: none(), size: bytes.length, file: { fd: file.fd, start, length }, close: () => file.close() };
    },
    open: async () => (await openFiles(folder)).length,
    dispose: () => rm(folder, { recursive: true }),
  };
}

async function iterables(): Promise<Source> {
  let unclosed = 0;
  return {
    async opened(bytes, start = 0, length = bytes.length - start) {
      unclosed += 1;
      const reused = Buffer.alloc(70_000);
      const read = async function* () {
        for (let from = start; from < Math.min(start + length, bytes.length); ) {
          const part = bytes.subarray(from, Math.min(from + reused.length, start + length));
          from += part.length;
          part.copy(reused);
          yield reused.subarray(0, part.length);
        }
      };
      let open = 1;
      return {
        bytes: read(),
        size: bytes.length,
        async close() {
          unclosed -= open;
          open = 0;
        },
      };
    },
    open: async () => unclosed,
    dispose: async () => {},
  };
}

/** Serves one body and gives the client's answer to `client`; returns what the sender said. */
async function serve(
  opened: Opened,
  length: number | undefined,
  client: (answer: IncomingMessage) => Promise<void>,
  signal?: AbortSignal,
): Promise<Sent> {
  let sent: Promise<Sent> | undefined;
  const server = await webServer((_request, response) => {
    if (length !== undefined) response.setHeader('content-length', length);
    sent = send(response, opened, length, signal);
    // The test awaits it below; until then a failure has no other listener.
    sent.catch(() => {});
  });
  try {
    await client(await new Promise<IncomingMessage>((resolve) => get(server.url, { agent: false }, resolve)));
    if (!sent) throw new Error('No request came.');
    return await sent;
  } finally {
    await server.close();
  }
}

for (const [kind, make] of [
  ['file', files],
  ['iterable', iterables],
] as const) {
  const check = (title: string, body: (t: ExecutionContext, source: Source) => Promise<void>): void => {
    test(`${kind}: ${title}`, async (t) => {
      const source = await make();
      try {
        await body(t, source);
        t.is(await source.open(), 0, 'the source is closed');
      } finally {
        await source.dispose();
      }
    });
  };

  for (const size of [0, 1, 524_288, 524_289, BYTES.length]) {
    check(`sends ${size} bytes`, async (t, source) => {
      const bytes = BYTES.subarray(0, size);
      const sent = await serve(await source.opened(bytes), size, async (answer) => {
        t.true((await buffer(answer)).equals(bytes));
      });
      t.deepEqual(sent, { bytes: size, complete: true });
    });
  }

  check('sends a body of unknown length in chunks', async (t, source) => {
    const sent = await serve(await source.opened(BYTES), undefined, async (answer) => {
      t.is(answer.headers['transfer-encoding'], 'chunked');
      t.true((await buffer(answer)).equals(BYTES));
    });
    t.deepEqual(sent, { bytes: BYTES.length, complete: true });
  });

  check('sends a part', async (t, source) => {
    const sent = await serve(await source.opened(BYTES, 1000, 2_000_000), 2_000_000, async (answer) => {
      t.true((await buffer(answer)).equals(BYTES.subarray(1000, 2_001_000)));
    });
    t.deepEqual(sent, { bytes: 2_000_000, complete: true });
  });

  check('never sends more than was promised', async (t, source) => {
    const sent = await serve(await source.opened(BYTES), 100_000, async (answer) => {
      t.true((await buffer(answer)).equals(BYTES.subarray(0, 100_000)));
    });
    t.deepEqual(sent, { bytes: 100_000, complete: true });
  });

  check('breaks the connection when the source is short', async (t, source) => {
    const opened = await source.opened(BYTES.subarray(0, 100_000), 0, 200_000);
    const sent = await serve(opened, 200_000, async (answer) => {
      await t.throwsAsync(buffer(answer), { code: 'ECONNRESET' });
    });
    t.deepEqual(sent, { bytes: 100_000, complete: false });
  });

  check('notices a client that leaves', async (t, source) => {
    const large = Buffer.alloc(40_000_000);
    const sent = await serve(await source.opened(large), large.length, async (answer) => {
      answer.once('data', () => answer.destroy());
      await new Promise((resolve) => answer.on('close', resolve).on('error', () => {}));
    });
    t.false(sent.complete);
    t.true(sent.bytes < large.length);
  });

  check('notices a client that never reads and then leaves', async (t, source) => {
    const large = Buffer.alloc(40_000_000);
    const sent = await serve(await source.opened(large), large.length, async (answer) => {
      await new Promise((resolve) => answer.once('readable', resolve));
      answer.destroy();
    });
    t.false(sent.complete);
  });

  check('is complete for a client that leaves with the last byte', async (t, source) => {
    const sent = await serve(await source.opened(BYTES), BYTES.length, async (answer) => {
      let got = 0;
      for await (const chunk of answer) {
        got += chunk.length;
        if (got === BYTES.length) break;
      }
      answer.destroy();
    });
    t.deepEqual(sent, { bytes: BYTES.length, complete: true });
  });

  check('stops when its signal is aborted', async (t, source) => {
    const controller = new AbortController();
    const large = Buffer.alloc(40_000_000);
    const opened = await source.opened(large);
    const client = async (answer: IncomingMessage): Promise<void> => {
      answer.once('data', () => controller.abort());
      await t.throwsAsync(buffer(answer), { code: 'ECONNRESET' });
    };
    t.false((await serve(opened, large.length, client, controller.signal)).complete);
  });
}

test('a source that fails breaks the connection and reaches the caller', async (t) => {
  let closed = 0;
  const failing = async function* () {
    yield BYTES.subarray(0, 1000);
    throw new Error('disk gone');
  };
  const close = async (): Promise<void> => {
    closed += 1;
  };
  const sent = serve({ bytes: failing(), size: BYTES.length, close }, BYTES.length, async (answer) => {
    await t.throwsAsync(buffer(answer), { code: 'ECONNRESET' });
  });
  await t.throwsAsync(sent, { message: 'disk gone' });
  t.is(closed, 1);
});
