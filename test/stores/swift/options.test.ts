import test from 'ava';
import { SWIFT_OPTIONS } from '../../../src/config/options/swift.js';
import type { SectionValues } from '../../../src/config/options.js';
import type { SwiftStoreTexts } from '../../../stores/swift/option-texts.js';
import { parseSwiftOptions } from '../../../stores/swift/options.js';

const MINIMUM: SwiftStoreTexts = {
  swift_store_auth_address: 'http://keys.example.com:5000/v3',
  swift_store_user: 'service:glance',
  swift_store_key: 's3cr3t',
};
const parse = (changes: SwiftStoreTexts, reference?: Record<string, string>) =>
  parseSwiftOptions({ ...MINIMUM, ...changes }, reference);

/** Compiles only as long as the table's values are what the store reads. */
const fromTable: (values: SectionValues<typeof SWIFT_OPTIONS>) => unknown = parseSwiftOptions;

test('the defaults of the table are those of the store', (t) => {
  const defaults: Record<string, unknown> = Object.fromEntries(
    Object.entries(SWIFT_OPTIONS).map(([name, { fallback }]) => [name, fallback]),
  );
  t.deepEqual(parseSwiftOptions({ ...defaults, ...MINIMUM }), parse({}));
  t.is(typeof fromTable, 'function');
  t.deepEqual(
    Object.entries(SWIFT_OPTIONS).flatMap(([name, option]) => ('secret' in option && option.secret ? [name] : [])),
    ['swift_store_key', 'swift_store_temp_url_key'],
  );
});

test('the defaults', (t) => {
  t.deepEqual(parse({}), {
    access: {
      version: 3,
      address: 'http://keys.example.com:5000/v3',
      user: 'glance',
      key: 's3cr3t',
      project: 'service',
      userDomain: { id: 'default' },
      projectDomain: { id: 'default' },
    },
    insecure: false,
    endpointInterface: 'public',
    serviceType: 'object-store',
    container: 'glance',
    createContainer: false,
    multiTenant: false,
    seed: 0,
    adminTenants: [],
    largeObjectBytes: 5 * 1024 ** 3,
    segmentBytes: 200 * 1024 ** 2,
    largeObjectType: 'slo',
    resumes: 0,
    expireSoonSeconds: 60,
  });
});

for (const [written, version, address] of [
  ['https://a.example.com/auth/v1.0/', '1', 'https://a.example.com/auth/v1.0'],
  ['a.example.com:8080/auth/v1.0', '1', 'https://a.example.com:8080/auth/v1.0'],
  ['http://a.example.com:5000', '3', 'http://a.example.com:5000/v3'],
  ['http://a.example.com:5000/v2.0/', '3', 'http://a.example.com:5000/v3'],
  ['https://a.example.com/identity/v3/', '3', 'https://a.example.com/identity/v3'],
] as const) {
  test(`the address ${written} for version ${version}`, (t) => {
    const { access } = parse({ swift_store_auth_address: written, swift_store_auth_version: version });
    t.like(access, { version: Number(version), address, user: version === '1' ? 'service:glance' : 'glance' });
  });
}

test('a reference of the configuration file', (t) => {
  const texts = { swift_store_config_file: '/etc/glance/swift.conf', default_swift_reference: 'ref2' };
  const reference = {
    user: 'images:writer',
    key: 'other',
    auth_address: 'https://b.example.com/v3',
    project_domain_name: 'Projects',
    user_domain_id: 'abc',
  };
  t.like(parse(texts, reference), {
    reference: 'ref2',
    access: {
      version: 3,
      address: 'https://b.example.com/v3',
      user: 'writer',
      key: 'other',
      project: 'images',
      userDomain: { id: 'abc' },
      projectDomain: { name: 'Projects' },
    },
  });
  t.like(parse(texts, { ...reference, auth_version: '1' }), { access: { version: 1, user: 'images:writer' } });
});

for (const [title, texts, message] of [
  ['no address', { swift_store_auth_address: null }, /^Set swift_store_auth_address/],
  ['no key', { swift_store_key: '' }, /^Set swift_store_key/],
  ['no user', { swift_store_user: null }, /^swift_store_user must read/],
  ['a user without a project', { swift_store_user: 'glance' }, /^swift_store_user must read/],
  ['version 2', { swift_store_auth_version: '2' }, /^swift_store_auth_version: Keystone dropped version 2/],
  ['another version', { swift_store_auth_version: '4' }, /^swift_store_auth_version: '4'/],
  ['an address that is none', { swift_store_auth_address: 'http://' }, /^swift_store_auth_address must be/],
  [
    'credentials in the address',
    { swift_store_auth_address: 'http://u:hidden@h/v3' },
    /^swift_store_auth_address must/,
  ],
  ['a query in the endpoint', { swift_store_endpoint: 'http://h/v1/AUTH_x?y' }, /^swift_store_endpoint must/],
  ['a container that is none', { swift_store_container: 'a/b' }, /^swift_store_container: 'a\/b'/],
  ['a seed too large', { swift_store_multiple_containers_seed: 33 }, /^swift_store_multiple_containers_seed/],
  ['a segment too large', { swift_store_large_object_chunk_size: 5121 }, /^swift_store_large_object_chunk_size/],
  ['no segment', { swift_store_large_object_chunk_size: 0 }, /^swift_store_large_object_chunk_size/],
  ['a reference that the file has not', { swift_store_config_file: 'x' }, /^default_swift_reference: .* 'ref1'/],
] as const) {
  test(`refused: ${title}`, (t) => {
    const error = t.throws(() => parse(texts), { message });
    t.notRegex(String(error), /hidden|s3cr3t/);
  });
}
