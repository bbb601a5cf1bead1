import { once } from 'node:events';
import Router from '@koa/router';
import test, { type ExecutionContext } from 'ava';
import type { ObservedRequest } from '../../../src/domain/ports/metrics.js';
import type { RequestState } from '../../../src/http/context.js';
import { fault } from '../../../src/http/fault.js';
import { faultBoundary } from '../../../src/http/middleware/fault-boundary.js';
import { requestLog } from '../../../src/http/middleware/request-log.js';
import { requestMetrics } from '../../../src/http/middleware/request-metrics.js';
import { createHttpServer } from '../../../src/http/server.js';
import { quietLog } from '../../support/quiet-log.js';
import { RawConnection, request } from '../../support/raw-http.js';

/** A server with one route, and what it has observed so far; `observed` waits for that many. */
async function serve(t: ExecutionContext) {
  const seen: ObservedRequest[] = [];
  let wake = () => {};
  const router = new Router<RequestState>();
  router.put('/things/:id', (ctx) => {
    ctx.req.resume();
    ctx.body = 'x'.repeat(1000);
  });
  router.get('/silent', () => new Promise(() => {}));
  const metrics = requestMetrics({
    request: (one) => {
      seen.push(one);
      wake();
    },
    storeCall: () => () => {},
    databaseCall: () => () => {},
  });
  const server = createHttpServer({
    chain: [
      metrics,
      requestLog(quietLog()),
      faultBoundary(quietLog()),
      router.routes(),
      () => {
        throw fault(404);
      },
    ],
    maxHeaderSize: 16_384,
    socketTimeout: 10,
    keepAlive: true,
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const connection = await RawConnection.open(address.port);
  t.teardown(() => {
    connection.close();
    server.closeAllConnections();
    server.close();
  });
  const observed = async (count: number): Promise<readonly ObservedRequest[]> => {
    while (seen.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return seen;
  };
  return { connection, observed };
}

test('requests by the pattern of their route, with the bytes of each on one connection', async (t) => {
  const { connection, observed } = await serve(t);
  const first = request('PUT', '/things/secret-1', {}, 'y'.repeat(500));
  const second = request('PUT', '/things/secret-2', {}, 'y');
  for (const bytes of [first, second]) {
    await connection.send(bytes);
    t.is((await connection.answer())?.status, 200);
  }
  const [one, two] = await observed(2);
  t.like(one, { route: '/things/:id', method: 'PUT', status: 200, received: first.length });
  t.like(two, { route: '/things/:id', method: 'PUT', status: 200, received: second.length });
  t.is(one?.sent, two?.sent);
  t.true((one?.sent ?? 0) > 1000 && (one?.sent ?? 0) < 2000);
  t.true((one?.seconds ?? -1) >= 0 && (one?.seconds ?? 61) < 60);
});

test('what clients may invent makes no series of its own', async (t) => {
  const lost = await serve(t);
  await lost.connection.send(request('GET', '/things/1/secret'));
  await lost.connection.answer();
  const [path] = await lost.observed(1);
  t.like(path, { route: 'none', method: 'GET', status: 404 });
  const odd = await serve(t);
  await odd.connection.send(request('FROBNICATE', '/things/1'));
  await odd.connection.answer();
  const [method] = await odd.observed(1);
  t.like(method, { method: 'other' });
});

test('a client that leaves before its answer is a 499', async (t) => {
  const { connection, observed } = await serve(t);
  await connection.send(request('GET', '/silent'));
  connection.close();
  const [left] = await observed(1);
  t.like(left, { route: '/silent', method: 'GET', status: 499, sent: 0 });
});
