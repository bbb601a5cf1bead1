import { boolean, choice, integer, list, optional, text } from '../option.js';

const formerly = (name: string): { readonly formerly: readonly string[] } => ({ formerly: [`DEFAULT.${name}`] });

/** Options of a Swift store: in [glance_store], or in the section of a backend. */
export const SWIFT_OPTIONS = {
  swift_store_auth_address: optional(
    'URL of the authentication: of Keystone (http://HOST:5000/v3), or of Swift itself with version 1 (https://HOST/auth/v1.0).',
    formerly('swift_store_auth_address'),
  ),
  swift_store_auth_version: choice(
    'Way of the authentication: 3 is Keystone, 1 is tempauth and its like. Keystone dropped 2 in 2017.',
    '3',
    ['1', '2', '3'],
    formerly('swift_store_auth_version'),
  ),
  swift_store_user: optional(
    'User that stores images, as project:user; as account:user with version 1.',
    formerly('swift_store_user'),
  ),
  swift_store_key: optional('Password of swift_store_user.', { secret: true, ...formerly('swift_store_key') }),
  swift_store_config_file: optional(
    'File with a section for each account: user, key, auth_address, auth_version, and project_domain_id or _name, user_domain_id or _name. ' +
      'Locations then name the section instead of the address.',
    formerly('swift_store_config_file'),
  ),
  default_swift_reference: text(
    'Section of swift_store_config_file to use.',
    'ref1',
    formerly('default_swift_reference'),
  ),
  swift_store_auth_insecure: boolean('Take servers without verifying their certificates.', false),
  swift_store_cacert: optional('CA certificates (PEM) by which servers are verified.'),
  swift_store_region: optional('Region of the endpoint in the catalog of Keystone; the first one when unset.'),
  swift_store_endpoint: optional(
    'URL of the account, without a container, in place of the one that authentication gives.',
  ),
  swift_store_endpoint_type: choice('Interface of the endpoint in the catalog of Keystone.', 'publicURL', [
    'publicURL',
    'adminURL',
    'internalURL',
  ]),
  swift_store_service_type: text('Type of the service in the catalog of Keystone.', 'object-store'),
  swift_store_container: text(
    'Container of images; the beginning of its name where each project or each seed has its own.',
    'glance',
    formerly('swift_store_container'),
  ),
  swift_store_create_container_on_put: boolean(
    'Make the container when it is missing.',
    false,
    formerly('swift_store_create_container_on_put'),
  ),
  swift_store_large_object_size: integer(
    'MiB from which an image is stored in segments. Images whose size is not announced always are.',
    5120,
    { min: 1, ...formerly('swift_store_large_object_size') },
  ),
  swift_store_large_object_chunk_size: integer(
    'MiB of a segment. Images of very many segments have larger ones, up to 5 GiB.',
    200,
    { min: 1, max: 5120, ...formerly('swift_store_large_object_chunk_size') },
  ),
  swift_store_large_object_type: choice(
    'Static or dynamic large objects. Clusters without static ones get dynamic ones.',
    'slo',
    ['slo', 'dlo'],
  ),
  swift_store_multi_tenant: boolean(
    'Store each image in the account of the project that owns it, in a container of its own. The user needs the role ResellerAdmin. ' +
      'What a killed process leaves in those accounts is not swept.',
    false,
    formerly('swift_store_multi_tenant'),
  ),
  swift_store_admin_tenants: list(
    'Projects that may read those containers.',
    [],
    formerly('swift_store_admin_tenants'),
  ),
  swift_store_multiple_containers_seed: integer(
    'Characters of the image id that choose its container, as container_<characters>; 0 is one container for all.',
    0,
    { min: 0, max: 32, ...formerly('swift_store_multiple_containers_seed') },
  ),
  swift_store_temp_url_key: optional(
    'Key of temporary URLs for direct downloads: of the account, or of containers that this server makes.',
    { secret: true },
  ),
  swift_store_retry_get_count: integer('Times that a download which broke off is taken up again.', 0, {
    min: 0,
    ...formerly('swift_store_retry_get_count'),
  }),
  swift_store_expire_soon_interval: integer('Seconds before its end at which a token is replaced.', 60, { min: 0 }),
  swift_store_ssl_compression: boolean('Compress TLS. There is no such thing any more.', true, {
    inert: true,
    ...formerly('swift_store_ssl_compression'),
  }),
  swift_buffer_on_upload: boolean('Buffer segments on disk to repeat them. Segments are streamed here.', false, {
    inert: true,
  }),
  swift_upload_buffer_dir: optional('Folder of such buffers.', { inert: true }),
} as const;
