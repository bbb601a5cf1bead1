import test from 'ava';
import { openMetricsEndpoint } from '../../../src/process/metrics/endpoint.js';
import { createMetrics } from '../../../src/process/metrics.js';
import { quietLog } from '../../support/quiet-log.js';

test('GET /metrics answers in text, and nothing else does', async (t) => {
  const metrics = createMetrics();
  const lines: string[] = [];
  const endpoint = await openMetricsEndpoint({
    host: '127.0.0.1',
    port: 0,
    log: quietLog(lines),
    gather: async () => [await metrics.snapshot()],
  });
  try {
    t.deepEqual(lines, [`Metrics are at ${endpoint.url}`]);
    const answer = await fetch(`${endpoint.url}?x=y`);
    t.is(answer.status, 200);
    t.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    t.regex(await answer.text(), /^glimpse_uploads_in_progress 0$/m);
    const head = await fetch(endpoint.url, { method: 'HEAD' });
    t.deepEqual([head.status, await head.text()], [200, '']);
    t.is((await fetch(endpoint.url.replace('/metrics', '/'))).status, 404);
    const post = await fetch(endpoint.url, { method: 'POST', body: 'x' });
    t.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  } finally {
    await endpoint.close();
  }
  await t.throwsAsync(fetch(endpoint.url));
});

test('metrics that cannot be gathered are a 500 whose cause is in the log alone', async (t) => {
  const lines: string[] = [];
  const gather = () => Promise.reject(new Error('secret'));
  const endpoint = await openMetricsEndpoint({ host: '127.0.0.1', port: 0, log: quietLog(lines), gather });
  try {
    const answer = await fetch(endpoint.url);
    t.is(answer.status, 500);
    t.false((await answer.text()).includes('secret'));
    t.is(lines.at(-1), 'metrics could not be gathered');
  } finally {
    await endpoint.close();
  }
});
