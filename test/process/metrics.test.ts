import test from 'ava';
import { createMetrics, metricsText } from '../../src/process/metrics.js';

const REQUEST = { route: '/v1/images/:id', method: 'GET', status: 200, seconds: 0.02, received: 100, sent: 5000 };

/** The samples of a text in Prometheus's format, by name and labels. */
function samples(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('requests, bytes, uploads and times are summed over processes', async (t) => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.request(REQUEST);
  one.request({ ...REQUEST, status: 404, seconds: 2 });
  two.request({ ...REQUEST, sent: 7 });
  one.databaseCall('images.get')();
  two.databaseCall('images.get')();
  one.storeCall('file', 'open')();
  const first = one.storeCall('file', 'put');
  two.storeCall('file', 'put');
  const read = async () => samples(await metricsText([await one.snapshot(), await two.snapshot()]));
  const values = await read();
  const labels = 'route="/v1/images/:id",method="GET"';
  const expected: readonly (readonly [string, number])[] = [
    [`glimpse_http_requests_total{${labels},status="200"}`, 2],
    [`glimpse_http_requests_total{${labels},status="404"}`, 1],
    [`glimpse_http_request_duration_seconds_bucket{le="0.025",${labels}}`, 2],
    [`glimpse_http_request_duration_seconds_count{${labels}}`, 3],
    [`glimpse_http_received_bytes_total{${labels}}`, 300],
    [`glimpse_http_sent_bytes_total{${labels}}`, 10_007],
    ['glimpse_uploads_in_progress', 2],
    ['glimpse_database_duration_seconds_count{operation="images.get"}', 2],
    ['glimpse_store_duration_seconds_count{store="file",operation="open"}', 1],
  ];
  for (const [name, value] of expected) t.is(values.get(name), value, name);
  first();
  const later = await read();
  t.is(later.get('glimpse_uploads_in_progress'), 1);
  t.is(later.get('glimpse_store_duration_seconds_count{store="file",operation="put"}'), 1);
  // Reading changes nothing.
  t.deepEqual(await read(), later);
  t.is(await metricsText([]), '\n');
});
