import { boolean, choice, integer, list, optional, text } from '../option.js';

const formerly = (...names: string[]): { readonly formerly: readonly string[] } => ({
  formerly: names.map((name) => `keystone_authtoken.${name}`),
});

/** Ways to log in by the names of keystoneauth's plugins. */
export const AUTH_TYPES = ['password', 'v3password', 'v3applicationcredential', 'admin_token', 'none'] as const;

/** [keystone_authtoken], and options of the filter `keystonemiddleware.auth_token`. */
export const KEYSTONE_OPTIONS = {
  www_authenticate_uri: optional(
    'Public URL of Keystone, which clients without a good token are told; auth_url when unset.',
    formerly('auth_uri'),
  ),
  auth_url: optional('URL of Keystone, with or without /v3.', formerly('identity_uri')),
  auth_type: choice('How this server logs in to Keystone.', 'password', AUTH_TYPES, formerly('auth_plugin')),
  username: optional('User of this server.', formerly('user_name', 'admin_user')),
  user_id: optional('Its id, instead of its name.'),
  password: optional('Its password.', { secret: true, ...formerly('admin_password') }),
  project_name: optional('Project of this server.', formerly('tenant_name', 'admin_tenant_name')),
  project_id: optional('Its id, instead of its name.', formerly('tenant_id')),
  user_domain_name: optional('Domain of the user; the domain with the id default when neither is set.'),
  user_domain_id: optional('Its id, instead of its name.'),
  project_domain_name: optional('Domain of the project; the domain with the id default when neither is set.'),
  project_domain_id: optional('Its id, instead of its name.'),
  application_credential_id: optional('Application credential, with auth_type v3applicationcredential.'),
  application_credential_name: optional('Its name, instead of its id, beside username or user_id.'),
  application_credential_secret: optional('Its secret.', { secret: true }),
  admin_token: optional('Token to validate others with, with auth_type admin_token. Better not.', { secret: true }),
  interface: choice(
    'Interface of the endpoint in the catalog of Keystone at which tokens are validated; auth_url where the catalog has none.',
    'internal',
    ['internal', 'public', 'admin', 'internalURL', 'publicURL', 'adminURL'],
  ),
  region_name: optional('Region of that endpoint; the first one when unset.'),
  auth_version: choice('Version of the Identity API. Keystone dropped 2 in 2017.', 'v3', [
    'v3',
    'v3.0',
    '3',
    '3.0',
    'auto',
  ]),
  delay_auth_decision: boolean(
    'Requests without a good token go on, to be refused with 401 by the API or read what is public (allow_anonymous_access); ' +
      "otherwise they are refused at once. The built-in pipelines set it, as Glance's do.",
    false,
  ),
  http_connect_timeout: integer('Seconds that one request to Keystone may take.', 10, { min: 1 }),
  http_request_max_retries: integer('Further tries when Keystone cannot be connected to.', 3, { min: 0, max: 20 }),
  cafile: optional('CA certificates (PEM) by which Keystone is verified.'),
  certfile: optional('Certificate (PEM) by which Keystone knows this server.'),
  keyfile: optional('Its private key (PEM).'),
  insecure: boolean('Take Keystone without verifying its certificate.', false),
  token_cache_time: integer(
    'Seconds for which a validated token is not asked about again, also when it is revoked; never beyond its end. -1 asks every time.',
    300,
    { min: -1 },
  ),
  service_token_roles: list('Roles by which an X-Service-Token is a service’s.', ['service']),
  service_token_roles_required: boolean('An X-Service-Token without such a role does not count.', false),
  include_service_catalog: boolean(
    'Keystone is asked for the catalog of every token. Nothing here reads it, so that it never is.',
    true,
    { inert: true },
  ),
  enforce_token_bind: text('Tokens bound to a client. Keystone dropped them in 2018.', 'permissive', { inert: true }),
  memcached_servers: list('Servers of a shared cache. Each process keeps its own.', [], {
    inert: true,
    ...formerly('memcache_servers'),
  }),
} as const;
