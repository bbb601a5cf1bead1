import { BAD_RANGES, type Family, lines, OCTETS, withBody } from './family.js';
import { NASTY_TEXTS } from './nasty-texts.js';

const META = [
  'id',
  'name',
  'size',
  'is_public',
  'disk_format',
  'container_format',
  'status',
  'checksum',
  'created_at',
  'min_ram',
  'min_disk',
  'owner',
  'store',
  'location',
  'protected',
  'virtual_size',
  'nonsense',
  'property-',
  'property-x',
  'property-é',
  '',
];
const QUERIES = [
  'limit',
  'marker',
  'sort_key',
  'sort_dir',
  'name',
  'status',
  'size_min',
  'size_max',
  'min_ram',
  'min_disk',
  'is_public',
  'protected',
  'changes-since',
  'property-',
  'property-x',
  'deleted',
  '',
];
const JSON_BODIES = [
  '',
  '{',
  'null',
  '1',
  '"x"',
  '[]',
  '[[[',
  '{}',
  '{"member": 1}',
  '{"member": {"can_share": [1]}}',
  '{"memberships": {}}',
  '{"memberships": [1]}',
  '{"memberships": [{}]}',
  '{"memberships": [{"member_id": 5}]}',
  '{"memberships": [{"member_id": null, "can_share": {}}]}',
  '{"__proto__": {"x": 1}}',
  `{"memberships": [${'{"member_id": "x"},'.repeat(2000)}{"member_id": "x"}]}`,
  '['.repeat(20_000),
  `{"member": "${'x'.repeat(200_000)}"}`,
  '\ufeff{"member": {"can_share": true}}',
];

/** Requests that are good HTTP and say nonsense. */
export const V1_VALUES: Readonly<Record<string, Family>> = {
  'image id': (random) => {
    const id = random.pick([
      ...NASTY_TEXTS.filter((text) => !/\s/.test(text) && !text.includes('\0')),
      '%2e%2e',
      '%C0%80',
      '%ED%A0%80',
      '%F0%9F%98%80',
      '\\..\\',
      'a%0d%0ab',
    ]);
    const method = random.pick(['GET', 'HEAD', 'PUT', 'DELETE']);
    const tail = random.pick(['', '', '/members', '/members/t', '/members/%FF', '/']);
    return { bytes: withBody(`${method} /v1/images/${id}${tail} HTTP/1.1`, [OCTETS], ''), head: method === 'HEAD' };
  },
  'image header': (random, aims) => {
    const headers = Array.from(
      { length: random.integer(1, 4) },
      () => `x-image-meta-${random.pick(META)}: ${random.pick(NASTY_TEXTS).replaceAll('\u0000', '')}`,
    );
    const start = random.pick(['POST /v1/images HTTP/1.1', `PUT /v1/images/${aims.spare} HTTP/1.1`]);
    return { bytes: withBody(start, headers, ''), silent: headers.some((header) => header.includes('é: ')) };
  },
  range: (random, aims) => {
    const range = random.pick(BAD_RANGES);
    const name = random.pick(['Range', 'Content-Range', 'If-Range']);
    return { bytes: lines(`GET /v1/images/${aims.active} HTTP/1.1`, 'Host: x', `${name}: ${range}`) };
  },
  query: (random) => {
    const one = () =>
      `${random.pick(QUERIES)}=${random
        .pick([
          ...NASTY_TEXTS,
          '%F0%9F%98%80',
          '%C3',
          '2011-02-30T25:00:00',
          '2011-01-01T00:00:00+99:99',
          'asc',
          'True',
        ])
        .replaceAll(' ', '%20')
        .replaceAll('\u0000', '%00')}`;
    const query = random.pick([
      () => `${one()}`,
      () => `${one()}&${one()}`,
      () => '&&==&',
      () => '?'.repeat(50),
      () => `${'a=b&'.repeat(3000)}`,
    ])();
    return { bytes: lines(`GET ${random.pick(['/v1/images', '/v1/images/detail'])}?${query} HTTP/1.1`, 'Host: x') };
  },
  json: (random, aims) => {
    const target = random.pick([
      `/v1/images/${aims.active}/members`,
      `/v1/images/${aims.active}/members/t`,
      '/v1/images/none/members',
    ]);
    const body = random.pick([
      ...JSON_BODIES.map((text) => Buffer.from(text)),
      Buffer.from([0xff, 0x7b, 0x7d]),
      random.bytes(50),
    ]);
    const kind = random.pick([
      'application/json',
      'application/octet-stream',
      'text/plain',
      'application/json; charset=x',
    ]);
    return { bytes: withBody(`PUT ${target} HTTP/1.1`, [`Content-Type: ${kind}`], body) };
  },
  method: (random, aims) => {
    const method = random.pick([
      'PATCH',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'PURGE',
      'CONNECT',
      'HEAD',
      'DELETE',
      'POST',
      'PUT',
      'FOO',
      'M-SEARCH',
    ]);
    const target = random.pick(aims.paths);
    // Deleting or replacing what the other requests aim at would make them all alike.
    const safe = target.endsWith(aims.active) ? '/v1/images' : target;
    return {
      bytes: withBody(`${method} ${safe} HTTP/1.1`, [], ''),
      head: method === 'HEAD',
      silent: ['CONNECT', 'FOO'].includes(method),
    };
  },
  form: (random) => {
    const kind = random.pick([
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=b',
      `multipart/form-data; boundary=${'b'.repeat(500)}`,
      'multipart/mixed; boundary=b',
    ]);
    const body = random.pick([
      '',
      '--b',
      '--b--\r\n',
      '--b\r\n\r\n\r\n--b--',
      '--b\r\nContent-Disposition: form-data; name="x-image-meta-name"\r\n\r\nx',
      '--b\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--',
      '--b\r\nContent-Disposition: form-data; name="f"; filename="../../x"\r\n\r\nbytes\r\n--b--\r\n',
      `--b\r\nX: ${'y'.repeat(100_000)}\r\n\r\nx\r\n--b--`,
      '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\nx\r\n'.repeat(2000),
    ]);
    return { bytes: withBody('POST /v1/images HTTP/1.1', [`Content-Type: ${kind}`], body) };
  },
  'other headers': (random, aims) => {
    const header = random.pick([
      'Accept',
      'Accept-Encoding',
      'Content-Type',
      'X-Openstack-Request-Id',
      'X-Auth-Token',
      'X-Identity-Status',
      'X-Service-Catalog',
      'X-Roles',
      'x-glance-registry-purge-props',
      'x-glance-api-copy-from',
      'User-Agent',
      'Origin',
      'Connection',
      'Cookie',
    ]);
    const value = random
      .pick([
        ...NASTY_TEXTS,
        'application/vnd.openstack.images-',
        'application/vnd.openstack.images-v9',
        'gzip;q=x',
        '*/*;q=',
        'file:///etc/passwd',
        'http://[',
        'close, upgrade',
      ])
      .replaceAll('\u0000', '');
    return {
      bytes: withBody(
        `${random.pick(['GET', 'POST'])} ${random.pick(aims.paths)} HTTP/1.1`,
        [`${header}: ${value}`],
        '',
      ),
    };
  },
};
