import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { checkAnswer } from '../../support/v1-answer.js';
import { useServer } from '../../support/v1-server.js';

const server = useServer({}, { filters: ['healthcheck', 'versionnegotiation', 'fakeauth', 'context'] });
const without = useServer();

test.serial('healthcheck answers without an identity, and 503 while its file is there', async (t) => {
  const check = () => server.admin.as().send('GET', '/healthcheck');
  const file = join(server.folder, 'disabled');
  const type = 'text/plain; charset=UTF-8';
  checkAnswer(t, await check(), { status: 200, body: 'OK', headers: { 'content-type': type } });
  writeFileSync(file, '');
  checkAnswer(t, await check(), { status: 503, body: 'DISABLED BY FILE' });
  t.is((await server.admin.send('GET', '/v1/images')).status, 200);
  rmSync(file);
  checkAnswer(t, await check(), { status: 200, body: 'OK' });
});

test.serial('a probe is answered in the form that it likes, and HEAD with a status alone', async (t) => {
  const check = (accept: string, method = 'GET') =>
    server.admin.as().send(method, '/healthcheck', { headers: { accept } });
  const json = await check('application/json');
  t.is(json.headers['content-type'], 'application/json');
  t.deepEqual(JSON.parse(json.text), { detailed: false, reasons: ['OK'] });
  const html = await check('text/html');
  t.is(html.headers['content-type'], 'text/html; charset=UTF-8');
  t.regex(html.text, /<p>OK<\/p>/);
  for (const accept of ['*/*', '', 'text/*', 'image/png']) t.is((await check(accept)).text, 'OK', accept);
  const head = await check('*/*', 'HEAD');
  t.deepEqual([head.status, head.text], [204, '']);
});

test('no other path is the check', async (t) => {
  for (const path of ['/healthcheck/', '/healthcheck/more', '/v1/healthcheck']) {
    t.not((await server.admin.send('GET', path)).status, 200, path);
  }
});

test('a pipeline without the filter has no such path', async (t) => {
  t.is((await without.admin.send('GET', '/healthcheck')).status, 300);
});
