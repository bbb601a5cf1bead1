import { randomUUID } from 'node:crypto';
import test from 'ava';
import { useServer } from '../support/v1-server.js';

const { admin } = useServer();

const ID = randomUUID();
const NOT_FOUND = `Image with identifier ${ID} not found`;
const DEFAULT = 'The resource could not be found.';

type Form = 'html' | 'json' | 'plain';
const TYPES: Readonly<Record<Form, string>> = {
  html: 'text/html; charset=UTF-8',
  json: 'application/json',
  plain: 'text/plain; charset=UTF-8',
};
const BODIES: Readonly<Record<Form, string>> = {
  html:
    '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n' +
    `  ${DEFAULT}<br /><br />\n${NOT_FOUND}\n\n\n </body>\n</html>`,
  json: `{"message": "${DEFAULT}<br /><br />\\n${NOT_FOUND}\\n\\n", "code": "404 Not Found", "title": "Not Found"}`,
  plain: `404 Not Found\n\n${DEFAULT}\n\n ${NOT_FOUND}  `,
};

/** The form of an error by the request's Accept header (image-api-v1 section 1.0). */
const ACCEPTS: readonly [accept: string | undefined, form: Form][] = [
  [undefined, 'plain'],
  ['', 'plain'],
  ['text/plain', 'plain'],
  ['application/xml', 'plain'],
  ['nonsense', 'plain'],
  ['text/html', 'html'],
  ['TEXT/HTML', 'html'],
  ['text/*', 'html'],
  ['*/*', 'html'],
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['application/json, text/html', 'html'],
  ['text/html;q=0.5, application/json', 'json'],
  ['text/html;q=0, */*', 'json'],
  ['application/json;q=0.1, */*;q=0.9', 'html'],
  ['application/xml, application/json;q=0.2', 'json'],
];
for (const [accept, form] of ACCEPTS) {
  test(`Accept ${accept ?? '(none)'} gets ${form}`, async (t) => {
    const answer = await admin.send('GET', `/v1/images/${ID}`, accept === undefined ? {} : { headers: { accept } });
    t.is(answer.status, 404);
    t.is(answer.headers['content-type'], TYPES[form]);
    t.is(answer.text, BODIES[form]);
  });
}

/** What each form makes of markup in a message. */
const MARKUP: Readonly<Record<Form, [accept: string, text: string]>> = {
  html: ['text/html', 'Invalid disk format &#x27;&lt;b&gt;&amp;&quot;&#x27; for image.'],
  json: ['application/json', "Invalid disk format '<b>&\\\"' for image."],
  plain: ['text/plain', "Invalid disk format '&\"' for image."],
};
for (const [form, [accept, text]] of Object.entries(MARKUP)) {
  test(`markup in a message, as ${form}`, async (t) => {
    const headers = { accept, 'x-image-meta-disk_format': '<b>&"' };
    const answer = await admin.send('POST', '/v1/images', { headers });
    t.is(answer.status, 400);
    t.true(answer.text.includes(text), answer.text);
  });
}

test('an error to HEAD is its head alone', async (t) => {
  for (const accept of ['*/*', 'application/json', 'text/plain']) {
    const answer = await admin.send('HEAD', `/v1/images/${ID}`, { headers: { accept } });
    t.deepEqual([answer.status, answer.text], [404, '']);
  }
});

/** Request ids as sent and as answered; undefined: one of the server's own. */
const REQUEST_IDS: readonly [sent: string | undefined, answered: string | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['my-own', 'req-my-own'],
  ['req-mine', 'req-mine'],
  ['x'.repeat(64), `req-${'x'.repeat(64)}`],
];
for (const [sent, answered] of REQUEST_IDS) {
  test(`the request id ${sent ?? '(none)'}, on errors as on success`, async (t) => {
    const headers = sent === undefined ? {} : { 'x-openstack-request-id': sent };
    for (const path of ['/v1/images', `/v1/images/${ID}`, '/v1/none']) {
      const found = (await admin.send('GET', path, { headers })).headers['x-openstack-request-id'] ?? '';
      if (answered === undefined) t.regex(found, /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      else t.is(found, answered);
    }
  });
}

test('a request id beyond the limit is 431', async (t) => {
  const headers = { 'x-openstack-request-id': 'x'.repeat(65) };
  t.is((await admin.send('GET', '/v1/images', { headers })).status, 431);
});
