import { randomUUID } from 'node:crypto';
import test from 'ava';
import { useV2Server } from '../../support/v2-server.js';

const { admin } = useV2Server();

const ID = randomUUID();
const OPERATIONS = { json: [], headers: { 'content-type': 'text/<b>' } };

/** Refusals of every template, in the three forms as Glance 25.1 writes them (image-api-v2 section 5). */
const REFUSALS: Readonly<
  Record<string, { send: Parameters<typeof admin.send>; html: string; json: string; plain: string }>
> = {
  'an explanation': {
    send: ['GET', `/v2/images/${ID}`],
    html:
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n' +
      `  No image found with ID ${ID}<br /><br />\n\n\n\n </body>\n</html>`,
    json: `{"message": "No image found with ID ${ID}<br /><br />\\n\\n\\n", "code": "404 Not Found", "title": "Not Found"}`,
    plain: `404 Not Found\n\nNo image found with ID ${ID}\n\n   `,
  },
  'a detail': {
    send: ['POST', '/v2/images', { json: { deleted: 'true' } }],
    html:
      '<html>\n <head>\n  <title>403 Forbidden</title>\n </head>\n <body>\n  <h1>403 Forbidden</h1>\n' +
      '  Access was denied to this resource.<br /><br />\nAttribute &#x27;deleted&#x27; is reserved.\n\n\n </body>\n</html>',
    json: '{"message": "Access was denied to this resource.<br /><br />\\nAttribute \'deleted\' is reserved.\\n\\n", "code": "403 Forbidden", "title": "Forbidden"}',
    plain: "403 Forbidden\n\nAccess was denied to this resource.\n\n Attribute 'deleted' is reserved.  ",
  },
  'a method': {
    send: ['PUT', '/v2/images'],
    html:
      '<html>\n <head>\n  <title>405 Method Not Allowed</title>\n </head>\n <body>\n  <h1>405 Method Not Allowed</h1>\n' +
      '  The method PUT is not allowed for this resource. <br /><br />\n\n </body>\n</html>',
    json: '{"message": "The method PUT is not allowed for this resource. <br /><br />\\n", "code": "405 Method Not Allowed", "title": "Method Not Allowed"}',
    plain: '405 Method Not Allowed\n\nThe method PUT is not allowed for this resource. \n\n ',
  },
  'a media type, its markup harmless': {
    send: ['PATCH', `/v2/images/${ID}`, OPERATIONS],
    html:
      '<html>\n <head>\n  <title>415 Unsupported Media Type</title>\n </head>\n <body>\n  <h1>415 Unsupported Media Type</h1>\n' +
      '  The request media type text/&lt;b&gt; is not supported by this server.\n<br /><br />\nImage PATCH expects Content-Type ' +
      'one of: application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch\n </body>\n</html>',
    json:
      '{"message": "The request media type text/<b> is not supported by this server.\\n<br /><br />\\nImage PATCH expects ' +
      'Content-Type one of: application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch", ' +
      '"code": "415 Unsupported Media Type", "title": "Unsupported Media Type"}',
    plain:
      '415 Unsupported Media Type\n\nThe request media type text/ is not supported by this server. \n\n Image PATCH expects ' +
      'Content-Type one of: application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
  },
};

for (const [what, { send, html, json, plain }] of Object.entries(REFUSALS)) {
  const [method, path, request = {}] = send;
  const forms = [
    ['text/html', 'text/html; charset=UTF-8', html],
    ['*/*', 'text/html; charset=UTF-8', html],
    ['application/json', 'application/json', json],
    ['', 'text/plain; charset=UTF-8', plain],
    ['text/plain', 'text/plain; charset=UTF-8', plain],
    [undefined, 'text/plain; charset=UTF-8', plain],
  ] as const;
  for (const [accept, type, body] of forms) {
    test(`${what}, accepting ${accept ?? 'whatever'}${accept === '' ? 'nothing' : ''}`, async (t) => {
      const headers = { ...request.headers, ...(accept === undefined ? {} : { accept }) };
      const answer = await admin.send(method, path, { ...request, headers });
      t.is(answer.headers['content-type'], type);
      t.is(answer.text, body);
      t.is(answer.headers['content-length'], String(Buffer.byteLength(body)));
      t.regex(answer.headers['x-openstack-request-id'] ?? '', /^req-[0-9a-f-]{36}$/);
    });
  }
}

test('a media type of a patch that is not known comes with those that are', async (t) => {
  const answer = await admin.send('PATCH', `/v2/images/${ID}`, OPERATIONS);
  t.is(
    answer.headers['accept-patch'],
    'application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
  );
});
