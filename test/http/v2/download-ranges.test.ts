import { createHash, randomUUID } from 'node:crypto';
import test from 'ava';
import { detail, FORMATS, verdict } from '../../support/v2-client.js';
import { useV2Server } from '../../support/v2-server.js';

const DATA = 'hello world';
const MD5 = createHash('md5').update(DATA).digest('hex');
const ETAG = `"${MD5}"`;

const project = `p-${randomUUID()}`;
let path = '';
const { admin, member } = useV2Server(
  {},
  {
    async prepare(anyone) {
      path = `/v2/images/${(await anyone.as(`u:${project}:member`).create({}, DATA)).id}/file`;
    },
  },
);
const user = member(project);

test('the whole of it', async (t) => {
  const { status, text, headers } = await user.get(path);
  t.deepEqual([status, text], [200, DATA]);
  t.is(headers['content-type'], 'application/octet-stream');
  t.is(headers['content-length'], String(DATA.length));
  t.is(headers['content-md5'], MD5);
  t.is(headers['accept-ranges'], 'bytes');
  t.is(headers.etag, ETAG);
  t.is(headers['content-range'], undefined);
});

/** Ranges that are there, by the header that asks for them (image-api-v2 section 2.3). */
const RANGES: readonly (readonly [header: 'range' | 'content-range', value: string, start: number, end: number])[] = [
  ['range', 'bytes=0-4', 0, 4],
  ['range', 'bytes=3-', 3, 10],
  ['range', 'bytes=10-10', 10, 10],
  ['range', 'bytes=0-100', 0, 10],
  ['range', 'bytes=-3', 8, 10],
  ['range', 'bytes=-100', 0, 10],
  ['range', ' bytes = 1 - 2 ', 1, 2],
  ['range', 'bytes=2-99999999999999999999', 2, 10],
  ['content-range', 'bytes 0-4/*', 0, 4],
  ['content-range', 'bytes 3-10/11', 3, 10],
];
for (const [header, value, start, end] of RANGES) {
  test(`${header}: ${value}`, async (t) => {
    for (const method of ['GET', 'HEAD']) {
      const { status, text, headers } = await user.send(method, path, { headers: { [header]: value } });
      t.is(status, 206);
      t.is(text, method === 'GET' ? DATA.slice(start, end + 1) : '');
      t.is(headers['content-range'], `bytes ${start}-${end}/${DATA.length}`);
      t.is(headers['content-length'], String(end - start + 1));
      t.is(headers['content-md5'], MD5, 'of the whole');
      t.is(headers['content-type'], 'application/octet-stream');
    }
  });
}

const INVALID = detail(416, 'Invalid Range header.');
const OUTSIDE = detail(
  416,
  'Invalid start position in Range header. Start position MUST be in the inclusive range [0, 10].',
);
const LEGACY = detail(416, 'Invalid Content-Range header.');
const BEYOND = detail(
  416,
  'Invalid stop position in Content-Range header. The stop position MUST be in the inclusive range [0, 10].',
);
const MANY =
  '400 Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.';

const REFUSALS: readonly (readonly [header: 'range' | 'content-range', value: string, answer: string])[] = [
  ['range', 'bytes=11-', OUTSIDE],
  ['range', 'bytes=99-100', OUTSIDE],
  ['range', 'bytes=-0', OUTSIDE],
  ['range', 'bytes=5-2', INVALID],
  ['range', 'bytes=-', INVALID],
  ['range', 'bytes=', INVALID],
  ['range', 'bytes=a-b', INVALID],
  ['range', 'bytes=+1-2', INVALID],
  ['range', 'bytes 0-1', INVALID],
  ['range', 'lines=0-1', INVALID],
  ['range', 'bytes=0-1,3-4', MANY],
  ['content-range', 'bytes 0-11/*', BEYOND],
  ['content-range', 'bytes 11-12/*', BEYOND],
  ['content-range', 'bytes 0-99/100', BEYOND],
  ['content-range', 'bytes 0-4/4', LEGACY],
  ['content-range', 'bytes 0-99/11', LEGACY],
  ['content-range', 'bytes 5-2/*', LEGACY],
  ['content-range', 'bytes 0-4', LEGACY],
  ['content-range', 'junk', LEGACY],
];
for (const [header, value, answer] of REFUSALS) {
  test(`${header}: ${value} is refused`, async (t) => {
    t.is(verdict(await user.get(path, { [header]: value })), answer);
  });
}

test('a range of other bytes than those that the client has is the whole', async (t) => {
  const ask = async (condition: string) => {
    const { status, text } = await user.get(path, { range: 'bytes=6-', 'if-range': condition });
    return [status, text];
  };
  t.deepEqual(await ask(ETAG), [206, 'world']);
  t.deepEqual(await ask('"other"'), [200, DATA]);
  t.deepEqual(await ask(`W/${ETAG}`), [200, DATA], 'a weak validator does not vouch for bytes');
  t.deepEqual(await ask('Wed, 21 Oct 2015 07:28:00 GMT'), [200, DATA]);
});

test('what the client has already is not sent again', async (t) => {
  const ask = async (method: string, condition: string) => {
    const { status, text, headers } = await user.send(method, path, { headers: { 'if-none-match': condition } });
    return [status, text, headers.etag];
  };
  for (const condition of [ETAG, `W/${ETAG}`, `"other", ${ETAG}`, '*']) {
    t.deepEqual(await ask('GET', condition), [304, '', ETAG], condition);
    t.deepEqual(await ask('HEAD', condition), [304, '', ETAG], condition);
  }
  t.deepEqual(await ask('GET', '"other"'), [200, DATA, ETAG]);
});

test('its head alone', async (t) => {
  const head = await user.send('HEAD', path);
  const whole = await user.get(path);
  const fixed = ({ date: _, 'x-openstack-request-id': __, ...headers }: typeof head.headers) => headers;
  t.deepEqual([head.status, head.text], [200, '']);
  t.deepEqual(fixed(head.headers), fixed(whole.headers));
});

test('an image without data has none to give, whatever the range', async (t) => {
  const { id } = await user.create(FORMATS);
  for (const headers of [{}, { range: 'bytes=0-1' }, { range: 'junk' }, { 'content-range': 'bytes 0-1/*' }]) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await user.send(method, `/v2/images/${id}/file`, { headers });
      t.deepEqual([answer.status, answer.text], [204, ''], JSON.stringify(headers));
      t.is(answer.headers['content-type'], undefined);
    }
  }
});

test('an image of no bytes is whole', async (t) => {
  const { id } = await user.create({}, '');
  const answer = await user.get(`/v2/images/${id}/file`);
  t.deepEqual([answer.status, answer.text, answer.headers['content-length']], [200, '', '0']);
  const outside = 'Invalid start position in Range header. Start position MUST be in the inclusive range [0, -1].';
  for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) {
    t.is(verdict(await user.get(`/v2/images/${id}/file`, { range })), detail(416, outside), range);
  }
});

test('deactivated data is for administrators', async (t) => {
  const { id } = await user.create({}, DATA);
  const file = `/v2/images/${id}/file`;
  await user.expect(204, 'POST', `/v2/images/${id}/actions/deactivate`);
  const refused = '403 The requested image has been deactivated. Image data download is forbidden.';
  t.is(verdict(await user.get(file)), refused);
  t.is(verdict(await user.get(file, { range: 'bytes=0-1' })), refused);
  t.is(verdict(await user.get(file, { 'if-none-match': '*' })), refused);
  t.is((await user.send('HEAD', file)).status, 403);
  t.is((await admin.get(file)).text, DATA);
});

test('who may not download', async (t) => {
  const absent = randomUUID();
  t.is(
    verdict(await admin.as(`u:${project}:reader`).get(path)),
    '403 You are not authorized to complete download_image action.',
  );
  t.regex(verdict(await member().get(path)), /^404 No image found with ID /);
  t.is(verdict(await user.get(`/v2/images/${absent}/file`)), `404 No image found with ID ${absent}`);
});
