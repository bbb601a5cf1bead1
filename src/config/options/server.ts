import { HASH_ALGORITHMS } from '../../domain/hash-algorithms.js';
import { boolean, choice, integer, list, optional, port, real, size, text, version } from '../option.js';
import { DELIVERY_OPTIONS } from './delivery.js';
import { PROJECT_LIMIT_OPTIONS } from './limits.js';
import { METRICS_BIND } from './metrics.js';

/** [DEFAULT]: the listening socket and the process. */
export const SERVER_OPTIONS = {
  bind_host: text('Address to listen on, IPv4 or IPv6.', '0.0.0.0'),
  bind_port: port('Port to listen on.', 9292),
  backlog: integer('Connections that may wait to be accepted.', 4096, { min: 1 }),
  workers: integer(
    'Processes that serve requests, started anew when they die by the one that was started; 0 serves from that one itself.',
    0,
    { min: 0, max: 1024 },
  ),
  tcp_keepidle: integer('Seconds of silence before TCP keepalive probes.', 600, { min: 1 }),
  client_socket_timeout: integer('Seconds without a byte after which a connection is closed; 0 never.', 900, {
    min: 0,
  }),
  http_keepalive: boolean('Whether connections serve more than one request.', true),
  max_header_line: integer('Bytes of one header line.', 16384, { min: 0 }),
  cert_file: optional(
    'TLS certificate (PEM), followed by those between it and its authority; with key_file the server speaks HTTPS, TLS 1.2 and later. Read anew at SIGHUP, as are key_file and ca_file.',
    { formerly: ['ssl.cert_file'] },
  ),
  key_file: optional('TLS private key (PEM), without a passphrase.', { formerly: ['ssl.key_file'] }),
  ca_file: optional('CA certificates (PEM): only clients that show a certificate signed by one of them are let in.', {
    formerly: ['ssl.ca_file'],
  }),
  public_endpoint: optional(
    'Base URL in links and Location headers, where it differs from the Host header of requests.',
  ),
  secure_proxy_ssl_header: optional(
    'Header by which a proxy says that the client came over TLS, such as X-Forwarded-Proto.',
  ),
  enable_v1_api: boolean('Serve the Image API v1.', true),
  enable_v2_api: boolean('Serve the Image API v2.', true),
  max_request_id_length: integer('Characters of a request id that a client may send.', 64, { min: 0 }),
} as const;

/** [DEFAULT]: who may do what, and how much of it. */
export const LIMIT_OPTIONS = {
  owner_is_tenant: boolean('New images belong to the tenant of the client; otherwise to its user.', true),
  admin_role: text('Role that makes its bearer an administrator.', 'admin'),
  allow_anonymous_access: boolean('Requests without an identity may read public images.', false),
  image_size_cap: integer('Bytes of the largest image that may be uploaded.', 1099511627776, { min: 1 }),
  user_storage_quota: size('Bytes that the images of one owner may occupy; 0 is no limit.', 0),
  image_member_quota: integer('Members of one image; negative is no limit.', 128),
  image_property_quota: integer('Properties of one image; negative is no limit.', 128),
  image_tag_quota: integer('Tags of one image; negative is no limit.', 128),
  image_location_quota: integer('Locations of one image; negative is no limit.', 10),
  limit_param_default: integer('Images on one page of a list when the client names no limit.', 25, { min: 1 }),
  api_limit_max: integer('Images on the largest page that a client may ask for.', 1000, { min: 1 }),
  property_protection_file: optional(
    "File with rules that say who may create, read, update and delete which properties: sections are regular expressions, the first that is found in a name decides, and what none matches is nobody's.",
  ),
  property_protection_rule_format: choice('Whether those rules name roles or policies.', 'roles', [
    'roles',
    'policies',
  ]),
  metadata_encryption_key: optional(
    'Key of 16, 24 or 32 characters by which locations are encrypted in the database.',
    {
      secret: true,
      inert: true,
    },
  ),
  delayed_delete: boolean('Deleted images keep their data until a scrubber removes it.', false, { inert: true }),
  scrub_time: integer('Seconds that the data of a deleted image is kept.', 0, { min: 0, inert: true }),
  hashing_algorithm: choice('Algorithm of os_hash_value.', 'sha512', HASH_ALGORITHMS),
  do_secure_hash: boolean(
    'External locations are read once in the background: for their hashes, and to check those that clients give.',
    true,
  ),
  http_retries: integer('Further tries when such a reading breaks off.', 3, { min: 0 }),
  show_image_direct_url: boolean('v2 shows direct_url.', false),
  show_multiple_locations: boolean('v2 shows locations, and takes changes to them.', false),
} as const;

/** [glimpse]: what Glance has no option for. */
export const GLIMPSE_OPTIONS = {
  api_version: version(
    'Newest version of the API v2 in the versions document, such as 2.16, which then names v2 alone; unset is the newest known.',
  ),
  auto_migrate: boolean('Bring the database schema up to date at start, instead of refusing an old one.', false),
  v1_dialect: choice(
    'Dialect of the API v1: current, or that of its first manual (unversioned paths, uri and location in lists).',
    'current',
    ['current', 'manual'],
  ),
  trusted_proxies: list('Addresses and networks (CIDR) whose identity headers are believed.', ['127.0.0.0/8', '::1']),
  statement_timeout: real('Seconds that one list statement may take.', 10, { min: 0 }),
  max_header_size: integer('Bytes of all headers of one request together.', 65536, { min: 8192, max: 16777216 }),
  metrics_bind: METRICS_BIND,
  audit_log: optional(
    'File of who did what to which image, from where, with what result: one JSON object for each request that changes something, reads image data or is refused. Opened anew at SIGHUP; unset is none.',
  ),
  ...PROJECT_LIMIT_OPTIONS,
  ...DELIVERY_OPTIONS,
  block_private_addresses: boolean(
    'Refuse sources on private networks (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7) as well, unless allowed_hosts names their host.',
    false,
  ),
  upload_lease: integer('Seconds without a sign of life after which an upload counts as abandoned.', 60, { min: 5 }),
} as const;
