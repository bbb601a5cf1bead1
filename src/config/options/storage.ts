import { boolean, choice, dict, integer, list, mode, multi, optional, text } from '../option.js';
import { S3_OPTIONS } from './s3.js';
import { SWIFT_OPTIONS } from './swift.js';

/** [DEFAULT]: where bytes go, and where they may come from. */
export const STORAGE_OPTIONS = {
  enabled_backends: dict(
    'Several stores, as id:type pairs such as fast:file,web:http; each has the options of a store in a section of its name.',
  ),
  node_staging_uri: text('Folder of v2 imports, as a file:// URL.', 'file:///tmp/staging/', { inert: true }),
  image_cache_dir: optional('Folder of the image cache.', { inert: true }),
  image_cache_driver: choice('How the cache keeps its books.', 'sqlite', ['sqlite', 'xattr', 'centralized_db'], {
    inert: true,
  }),
  image_cache_max_size: integer('Bytes that the cache is pruned to.', 10737418240, { min: 0, inert: true }),
  image_cache_stall_time: integer('Seconds after which an unfinished cache entry is dropped.', 86400, {
    min: 0,
    inert: true,
  }),
} as const;

/** Options of one store: in [glance_store], or in the section of a backend. */
export const STORE_OPTIONS = {
  filesystem_store_datadir: optional('Folder of image files.', { formerly: ['DEFAULT.filesystem_store_datadir'] }),
  filesystem_store_datadirs: multi(
    'Several folders, each as path or path:priority; the highest priority with room is used, among equals the roomiest.',
    { formerly: ['DEFAULT.filesystem_store_datadirs'] },
  ),
  filesystem_store_metadata_file: optional('JSON file with metadata of the folders, shown with locations.', {
    formerly: ['DEFAULT.filesystem_store_metadata_file'],
    inert: true,
  }),
  filesystem_store_file_perm: mode('Mode of image files, in octal digits such as 640; 0 leaves it to the umask.', {
    formerly: ['DEFAULT.filesystem_store_file_perm'],
  }),
  filesystem_store_chunk_size: integer('Shown to administrators; how much is read at once the server chooses.', 65536, {
    min: 1,
  }),
  filesystem_thin_provisioning: boolean('Leave holes in files where an image has zeros.', false, { inert: true }),
  store_description: optional('Words about the store for v2 clients.'),
  weight: integer('Of an image that several stores hold, the one of the highest weight is read first.', 0),
  http_proxy_information: dict(
    'Proxies of http sources, as scheme:host:port. They resolve names by themselves: only what is written in a URL is held against the rules here.',
  ),
  https_ca_certificates_file: optional('CA certificates (PEM) by which https sources are verified.'),
  https_insecure: boolean('Take https sources without verifying their certificates.', false),
  ...S3_OPTIONS,
  ...SWIFT_OPTIONS,
} as const;

/** [glance_store]: which stores there are, and the options of the only one. */
export const GLANCE_STORE_OPTIONS = {
  stores: list('Types of stores to serve.', ['file', 'http'], { formerly: ['DEFAULT.stores'] }),
  default_store: text('Scheme of the store that takes uploads.', 'file', { formerly: ['DEFAULT.default_store'] }),
  default_backend: optional('Id of the store that takes uploads, with enabled_backends.'),
  ...STORE_OPTIONS,
} as const;

/** [image_format] */
export const IMAGE_FORMAT_OPTIONS = {
  disk_formats: list(
    'Values of disk_format.',
    ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'],
    { formerly: ['DEFAULT.disk_formats'] },
  ),
  container_formats: list(
    'Values of container_format.',
    ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'],
    { formerly: ['DEFAULT.container_formats'] },
  ),
  require_image_format_match: boolean('API v2 refuses data that is of another format than its image says.', true),
  gpt_safety_checks_nonfatal: list('Safety checks of partition tables that only warn, such as mbr.', []),
  vmdk_allowed_types: list('Types of VMDK images that API v2 takes.', ['streamOptimized', 'monolithicSparse']),
} as const;

/** [import_filtering_opts]: which URLs of clients may be fetched. An allow list wins over the deny list of its kind. */
export const IMPORT_FILTERING_OPTIONS = {
  allowed_schemes: list('Schemes that may be fetched.', ['http', 'https']),
  disallowed_schemes: list('Schemes that may not, where allowed_schemes is empty.', []),
  allowed_hosts: list('Hosts that may be fetched from; only these when there are any.', []),
  disallowed_hosts: list('Hosts that may not, where allowed_hosts is empty.', []),
  allowed_ports: list('Ports that may be fetched from.', ['80', '443']),
  disallowed_ports: list('Ports that may not, where allowed_ports is empty.', []),
} as const;

/** [database] */
export const DATABASE_OPTIONS = {
  connection: text(
    'The database: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/name.',
    'sqlite:///glance.sqlite',
    {
      secret: true,
      formerly: ['DEFAULT.sql_connection', 'DATABASE.sql_connection', 'sql.connection'],
    },
  ),
  max_pool_size: integer('Connections to PostgreSQL of one process.', 5, {
    min: 1,
    formerly: ['DEFAULT.sql_max_pool_size', 'DATABASE.sql_max_pool_size'],
  }),
  connection_recycle_time: integer('Seconds after which an idle connection is closed.', 3600, {
    min: 1,
    formerly: ['database.idle_timeout', 'DEFAULT.sql_idle_timeout', 'sql.idle_timeout'],
  }),
} as const;
