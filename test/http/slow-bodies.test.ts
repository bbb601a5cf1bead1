import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import type { Context } from '../../src/http/context.js';
import { faultBoundary } from '../../src/http/middleware/fault-boundary.js';
import { releaseBody } from '../../src/http/middleware/release-body.js';
import { readJson } from '../../src/http/request-body.js';
import { createHttpServer } from '../../src/http/server.js';
import { quietLog } from '../support/quiet-log.js';
import { RawConnection } from '../support/raw-http.js';

/** A server with little patience, and a connection that has sent the beginning of a body. */
async function begun(t: ExecutionContext, path: string, body: string): Promise<RawConnection> {
  const server = createHttpServer({
    chain: [
      releaseBody({ window: 50, least: 10 }),
      faultBoundary(quietLog()),
      async (ctx: Context) => {
        const patience = new Map([
          ['/read', 50],
          ['/whole', 60_000],
        ]).get(ctx.path);
        ctx.body = patience === undefined ? 'refused' : ((await readJson(ctx.req, 1000, patience)) ?? {});
      },
    ],
    maxHeaderSize: 65_536,
    socketTimeout: 60,
    keepAlive: true,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const connection = await RawConnection.open(typeof address === 'object' ? (address?.port ?? 0) : 0);
  t.teardown(() => {
    connection.close();
    server.close();
  });
  await connection.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
  return connection;
}

test('a JSON body that does not arrive in time is refused, and its connection ends', async (t) => {
  const connection = await begun(t, '/read', '1\r\n{\r\n');
  const answer = await connection.answer();
  t.is(answer?.status, 408);
  t.is(answer?.headers.get('connection'), 'close');
  t.is(await connection.answer(), undefined);
});

test('one that arrives in time leaves its connection open', async (t) => {
  const connection = await begun(t, '/whole', '2\r\n{}\r\n0\r\n\r\n');
  t.is((await connection.answer())?.status, 200);
  await connection.send('POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
  t.is((await connection.answer())?.status, 200);
});

/** A body that stops, an extension and a trailer that never end. */
for (const body of ['1\r\n{\r\n', '1;ext', '1\r\n{\r\n0\r\nTrailer: ']) {
  test(`nobody waits for the rest of a body that is dropped: ${JSON.stringify(body)}`, async (t) => {
    const connection = await begun(t, '/refuse', body);
    t.is((await connection.answer())?.body.toString(), 'refused');
    t.is(await connection.answer(), undefined);
  });
}
