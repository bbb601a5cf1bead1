import type { Option } from './option.js';
import { boolean, list, optional, text } from './option.js';
import { CORS_OPTIONS } from './options/cors.js';
import { KEYSTONE_OPTIONS } from './options/keystone.js';
import { LOGGING_OPTIONS } from './options/logging.js';
import { PUBLISH_OPTIONS, PUBLISH_SET_OPTIONS } from './options/publishing.js';
import { SERVED_REPOSITORY_OPTIONS } from './options/served-repository.js';
import { GLIMPSE_OPTIONS, LIMIT_OPTIONS, SERVER_OPTIONS } from './options/server.js';
import {
  DATABASE_OPTIONS,
  GLANCE_STORE_OPTIONS,
  IMAGE_FORMAT_OPTIONS,
  IMPORT_FILTERING_OPTIONS,
  STORAGE_OPTIONS,
  STORE_OPTIONS,
} from './options/storage.js';

export { KNOWN_OPTIONS } from './options/known.js';
export { PUBLISH_SET_OPTIONS, STORE_OPTIONS };

/** The option table: what the reader, `--help`, the sample and the documentation are made from. Sections and options by their names in the files. */
export const OPTIONS = {
  DEFAULT: { ...SERVER_OPTIONS, ...LIMIT_OPTIONS, ...STORAGE_OPTIONS, ...LOGGING_OPTIONS },
  database: DATABASE_OPTIONS,
  glance_store: GLANCE_STORE_OPTIONS,
  image_format: IMAGE_FORMAT_OPTIONS,
  import_filtering_opts: IMPORT_FILTERING_OPTIONS,
  oslo_policy: {
    policy_file: text('File of policy rules, YAML or JSON; built-in rules apply where it is missing.', 'policy.yaml', {
      formerly: ['DEFAULT.policy_file'],
    }),
    policy_default_rule: text('Rule for actions that the file does not name.', 'default', {
      formerly: ['DEFAULT.policy_default_rule'],
    }),
    enforce_new_defaults: boolean(
      'API v2 goes by the rules of roles; otherwise by the older ones, open to all but owners.',
      true,
    ),
    policy_dirs: list(
      'Folders whose files, in the order of their names, hold further policy rules: those win over the ones of policy_file.',
      ['policy.d'],
      { formerly: ['DEFAULT.policy_dirs'] },
    ),
  },
  keystone_authtoken: KEYSTONE_OPTIONS,
  paste_deploy: {
    flavor: optional(
      'Pipeline to serve, such as keystone, http_basic, trusted-auth or caching; unset is the one without identities.',
    ),
    config_file: optional('Paste file with pipelines of your own.'),
  },
  oslo_middleware: {
    enable_proxy_headers_parsing: boolean(
      'Links and Location headers go by the Forwarded or X-Forwarded-* headers of a proxy in trusted_proxies.',
      false,
    ),
    http_basic_auth_user_file: text(
      'Users and their bcrypt hashes (`htpasswd -B`) of the flavor http_basic.',
      '/etc/htpasswd',
    ),
  },
  cors: CORS_OPTIONS,
  glimpse: GLIMPSE_OPTIONS,
  publish: { ...PUBLISH_OPTIONS, ...SERVED_REPOSITORY_OPTIONS },
  // The sets have sections of their own names; this is the one of the set that there is without further ado.
  'publish:all': PUBLISH_SET_OPTIONS,
} as const;

type ValueOf<O> = O extends Option<infer T> ? T : never;
/** The values of one section, by option name. */
export type SectionValues<S> = { readonly [N in keyof S]: ValueOf<S[N]> };
/** All values, by section and option name, typed by the table. */
export type Values = { readonly [S in keyof typeof OPTIONS]: SectionValues<(typeof OPTIONS)[S]> };
/** What a backend's own section may set. */
export type StoreValues = SectionValues<typeof STORE_OPTIONS>;

/** What the section of a set of published images may set. */
export type PublishSetValues = SectionValues<typeof PUBLISH_SET_OPTIONS>;

/** The table with its types widened, for those who walk over all of it. */
export const TABLE: Readonly<Record<string, Readonly<Record<string, Option<unknown>>>>> = OPTIONS;
