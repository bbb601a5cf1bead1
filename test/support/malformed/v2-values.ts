import { BAD_RANGES, type Family, lines, OCTETS, withBody } from './family.js';
import { NASTY_TEXTS } from './nasty-texts.js';

const IN_PATHS = [
  ...NASTY_TEXTS.map((text) => encodeURIComponent(text.toWellFormed())),
  ...NASTY_TEXTS.filter((text) => !/[\s\0é\ud83d]/.test(text)),
  '%2e%2e',
  '%C0%80',
  '%ED%A0%80',
  '%F0%9F%98%80',
  '\\..\\',
  'a%0d%0ab',
  'a%2fb',
  ';a=b',
];
const QUERIES = [
  'limit',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'id',
  'name',
  'status',
  'owner',
  'visibility',
  'member_status',
  'os_hidden',
  'protected',
  'disk_format',
  'container_format',
  'size',
  'size_min',
  'size_max',
  'min_ram',
  'min_disk_min',
  'bogus_min',
  '__proto___max',
  'created_at',
  'updated_at',
  'checksum',
  'os_hash_value',
  'tag',
  'deleted',
  'changes-since',
  'property',
  '__proto__',
  'constructor',
  '%FF',
  '',
];
const QUERY_VALUES = [
  ...IN_PATHS,
  'in:',
  'in:,',
  'in:%22',
  'in:a%22b',
  'in:%22a%22b,c',
  'in:%22a\\%22',
  `in:${'a,'.repeat(3000)}`,
  `in:${'%22,%22'.repeat(2000)}`,
  'nin:a',
  'eq:',
  'gt:2020-01-01T00:00:00Z',
  'gt:x',
  'lte:2011-02-30T25:00:00',
  'eq:0000-00-00T00:00:00Z',
  '2011-01-01T00:00:00+99:99',
  '275761-01-01T00:00:00Z',
  'name:up',
  'name:asc:desc',
  'name,name,name',
  ':asc',
  'created_at,',
  ','.repeat(500),
  '__proto__:asc',
  'asc',
  'True',
  'all',
];
const RANGES = [
  ...BAD_RANGES,
  'bytes=0x0-1',
  'bytes=1e0-2',
  'bytes 0-1/*',
  'bytes 5-1/11',
  'bytes 0-99/11',
  'bytes */11',
  'bytes 0-1/99999999999999999999',
  `bytes ${'9'.repeat(400)}-${'9'.repeat(400)}/${'9'.repeat(400)}`,
  `bytes=${'9'.repeat(400)}-`,
  `bytes=${' '.repeat(20_000)}0-1`,
];
const HEADERS = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Connection',
  'Content-Encoding',
  'Content-Type',
  'Cookie',
  'Expect',
  'Forwarded',
  'If-Match',
  'If-None-Match',
  'Origin',
  'Upgrade',
  'User-Agent',
  'X-Auth-Token',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Identity-Status',
  'X-Image-Meta-Store',
  'X-Openstack-Request-Id',
  'X-Project-Id',
  'X-Roles',
  'X-Service-Catalog',
];
const HEADER_VALUES = [
  ...NASTY_TEXTS.map((text) => text.replaceAll('\0', '')),
  'gzip;q=x',
  '*/*;q=',
  ',,,',
  'file:///etc/passwd',
  'http://[',
  'close, upgrade',
  '"'.repeat(2000),
  'application/json; charset=x',
];
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'];
const NO_BODIES = ['', 'x', '{}', '[', `"${'x'.repeat(100_000)}"`];

/** Requests of API v2 that are good HTTP and say nonsense outside of JSON. */
export const V2_VALUES: Readonly<Record<string, Family>> = {
  'image id': (random) => {
    const method = random.pick(METHODS);
    const tail = random.pick(['', '/', '/file', '/members', '/members/t', '/tags/t', '/actions/deactivate', '/x']);
    const start = `${method} /v2/images/${random.pick(IN_PATHS)}${tail} HTTP/1.1`;
    return { bytes: withBody(start, [OCTETS], ''), head: method === 'HEAD' };
  },
  'below an image': (random, { active, spare }) => {
    const { id, method } = random.pick([
      { id: spare, method: random.pick(METHODS) },
      { id: active, method: 'GET' },
    ]);
    const part = random.pick(['tags', 'members', 'actions', 'file', 'locations', 'import', 'stage', 'stores']);
    const start = `${method} /v2/images/${id}/${part}/${random.pick(IN_PATHS)} HTTP/1.1`;
    return { bytes: withBody(start, [], ''), head: method === 'HEAD' };
  },
  elsewhere: (random) => {
    const part = random.pick(['schemas', 'info', 'info/stores', 'tasks', 'metadefs/namespaces', 'cache', 'x', '..']);
    const method = random.pick(METHODS);
    const start = `${method} /v2/${part}/${random.pick(IN_PATHS)} HTTP/1.1`;
    return { bytes: withBody(start, [], ''), head: method === 'HEAD' };
  },
  query: (random) => {
    const one = () => `${random.pick(QUERIES)}=${random.pick(QUERY_VALUES)}`;
    const query = random.pick([
      one,
      one,
      () => `${one()}&${one()}`,
      () => `${one()}&${one()}&${one()}`,
      () => '&&==&',
      () => '?'.repeat(50),
      () => 'a=b&'.repeat(3000),
      () => Array.from({ length: 300 }, (_, n) => `p${n}=v`).join('&'),
      () => 'tag=t&'.repeat(2000),
      () => 'sort=name:asc&'.repeat(200),
    ])();
    return { bytes: lines(`GET /v2/images?${query} HTTP/1.1`, 'Host: x') };
  },
  range: (random, { active, spare }) => {
    const method = random.pick(['GET', 'HEAD']);
    const names = ['Range', 'Content-Range', 'If-Range', 'If-None-Match'];
    return {
      bytes: lines(
        `${method} /v2/images/${random.pick([active, active, spare])}/file HTTP/1.1`,
        'Host: x',
        `${random.pick(names)}: ${random.pick(RANGES)}`,
        `${random.pick(names)}: ${random.pick(RANGES)}`,
      ),
      head: method === 'HEAD',
    };
  },
  'upload headers': (random, { uploads }) => {
    const size = random.pick(HEADER_VALUES);
    const type = random.pick(['application/octet-stream', 'application/octet-stream', 'text/plain', '', ';', size]);
    const header = random.pick(['x-openstack-image-size', 'x-image-meta-store', 'Content-Range', 'Content-Encoding']);
    const body = random.pick(['', 'hello']);
    return {
      bytes: withBody(`${random.pick(uploads)} HTTP/1.1`, [`Content-Type: ${type}`, `${header}: ${size}`], body),
    };
  },
  'bodies where none belong': (random, { active, spare }) => {
    const start = random.pick([
      'GET /v2/images',
      `GET /v2/images/${active}`,
      `GET /v2/images/${active}/file`,
      `HEAD /v2/images/${active}/file`,
      'GET /v2/schemas/image',
      'GET /v2/info/usage',
      `DELETE /v2/images/${active}`,
      `POST /v2/images/${active}/actions/deactivate`,
      `PUT /v2/images/${spare}/tags/t`,
      `DELETE /v2/images/${spare}/tags/t`,
      `DELETE /v2/images/${spare}/members/t`,
      'OPTIONS /v2/images',
    ]);
    // An empty body is none, and the image with the data is to stay.
    const body = start.startsWith('DELETE') || start.startsWith('POST') ? 'x' : random.pick(NO_BODIES);
    return { bytes: withBody(`${start} HTTP/1.1`, [], body), head: start.startsWith('HEAD') };
  },
  method: (random, { active, paths }) => {
    const method = random.pick([...METHODS, 'CONNECT', 'FOO', 'PURGE']);
    const target = random.pick(paths.filter((path) => !path.includes(active)));
    return {
      bytes: withBody(`${method} ${target} HTTP/1.1`, [], ''),
      head: method === 'HEAD',
      silent: ['CONNECT', 'FOO'].includes(method),
    };
  },
  'other headers': (random, { paths }) => {
    const header = `${random.pick(HEADERS)}: ${random.pick(HEADER_VALUES)}`;
    return {
      bytes: withBody(`${random.pick(['GET', 'POST'])} ${random.pick(paths)} HTTP/1.1`, [header], ''),
      silent: header.startsWith('Upgrade'),
    };
  },
};
