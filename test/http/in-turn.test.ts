import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as moment } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Context } from '../../src/http/context.js';
import { createHttpServer } from '../../src/http/server.js';
import { RawConnection, request } from '../support/raw-http.js';

interface Rig {
  readonly connection: RawConnection;
  /** Paths of the requests that were begun, in order. */
  readonly begun: string[];
  /** Most requests that were under way at a time. */
  most(): number;
}

/** A server that takes a while for each answer, and a connection to it. */
async function connected(t: ExecutionContext): Promise<Rig> {
  const begun: string[] = [];
  let [now, most] = [0, 0];
  const server = createHttpServer({
    chain: [
      async (ctx: Context) => {
        begun.push(ctx.url);
        now += 1;
        most = Math.max(most, now);
        for (let rounds = 0; rounds < 20; rounds += 1) await moment();
        ctx.body = ctx.url;
        now -= 1;
      },
    ],
    maxHeaderSize: 65_536,
    socketTimeout: 60,
    keepAlive: true,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const connection = await RawConnection.open(portOf(address));
  t.teardown(() => {
    connection.close();
    server.close();
  });
  return { connection, begun, most: () => most };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

test('requests that a connection sends ahead are taken one after the other', async (t) => {
  const { connection, begun, most } = await connected(t);
  const paths = ['/1', '/2', '/3', '/4'];
  await connection.send(Buffer.concat(paths.map((path) => request('GET', path))));
  for (const path of paths) t.is((await connection.answer())?.body.toString(), path);
  t.deepEqual(begun, paths);
  t.is(most(), 1);
});

test('a connection that sends far ahead is ended', async (t) => {
  const { connection, begun } = await connected(t);
  await connection.send(Buffer.concat(Array.from({ length: 150 }, () => request('GET', '/'))));
  t.is(await connection.answer(), undefined);
  t.is(begun.length, 1);
});

test('what follows a request that ends its connection is not done', async (t) => {
  const { connection, begun } = await connected(t);
  await connection.send(Buffer.concat([request('GET', '/last', { Connection: 'close' }), request('DELETE', '/after')]));
  t.is((await connection.answer())?.body.toString(), '/last');
  t.is(await connection.answer(), undefined);
  t.deepEqual(begun, ['/last']);
});
