import { readFileSync } from 'node:fs';
import { type AuthenticationKind, createAuthenticator } from '../auth/authenticator.js';
import type { IdentitySource } from '../auth/identity-source.js';
import type { KeystoneValues } from '../config/keystone.js';
import type { Config } from '../config/load.js';
import type { Authenticator } from '../domain/ports/authenticator.js';
import type { Log } from '../domain/ports/log.js';
import type { Policy } from '../domain/ports/policy.js';
import type { Domain, KeystoneProof, Named } from '../net/keystone-token.js';
import { StartupError } from '../process/startup-error.js';

/** What finds out who asks, by the pipeline's filters. Throws StartupError for files that cannot be read. */
export async function openAuthenticator(config: Config, policy: Policy, log: Log): Promise<Authenticator> {
  const { DEFAULT: options, glimpse } = config.values;
  return createAuthenticator({
    kind: await openKind(config, log),
    allowAnonymous: options.allow_anonymous_access,
    adminRole: options.admin_role,
    ownerIsTenant: options.owner_is_tenant,
    trustedProxies: glimpse.trusted_proxies,
    policy,
  });
}

async function openKind(config: Config, log: Log): Promise<AuthenticationKind | IdentitySource> {
  const { filters } = config.pipeline;
  const kinds = new Set(filters.map(({ kind }) => kind));
  const basic = filters.find(({ kind }) => kind === 'http_basic');
  if (basic) {
    const { http_basic_auth_user_file: name } = config.values.oslo_middleware;
    const file = basic.options.http_basic_auth_user_file ?? name;
    const { createHttpBasic } = await import('../auth/http-basic.js');
    try {
      return createHttpBasic({ file, adminRole: config.values.DEFAULT.admin_role, log });
    } catch (error) {
      throw unusable(file, error);
    }
  }
  if (kinds.has('unauthenticated-context')) return 'none';
  if (config.keystone) return openKeystone(config.keystone, log);
  return kinds.has('fakeauth') ? 'fake' : 'trusted';
}

async function openKeystone(values: KeystoneValues, log: Log): Promise<IdentitySource> {
  const { createKeystone } = await import('../auth/keystone.js');
  const address = values.auth_url ?? '';
  return createKeystone({
    address,
    publicUrl: values.www_authenticate_uri ?? address,
    proof: proofOf(values),
    interface: values.interface.replace('URL', ''),
    region: values.region_name ?? undefined,
    timeoutMs: values.http_connect_timeout * 1000,
    retries: values.http_request_max_retries,
    ca: pem(values.cafile),
    cert: pem(values.certfile),
    key: pem(values.keyfile),
    insecure: values.insecure,
    delayDecision: values.delay_auth_decision,
    cacheMs: Math.max(0, values.token_cache_time) * 1000,
    serviceRoles: values.service_token_roles,
    serviceRolesRequired: values.service_token_roles_required,
    log,
  });
}

function proofOf(values: KeystoneValues): KeystoneProof | { readonly by: 'token'; readonly token: string } {
  const userDomain = domain(values.user_domain_id, values.user_domain_name);
  const user = named(values.user_id, values.username, userDomain);
  if (values.auth_type === 'admin_token') return { by: 'token', token: values.admin_token ?? '' };
  if (values.auth_type === 'v3applicationcredential') {
    const { application_credential_id: id, application_credential_name: name } = values;
    const credential = id === null ? { name: name ?? '', user } : { id };
    return { by: 'application-credential', credential, secret: values.application_credential_secret ?? '' };
  }
  const projectDomain = domain(values.project_domain_id, values.project_domain_name);
  const project = named(values.project_id, values.project_name, projectDomain);
  return { by: 'password', user, password: values.password ?? '', project };
}

function named(id: string | null, name: string | null, within: Domain): Named {
  return id === null ? { name: name ?? '', domain: within } : { id };
}

function domain(id: string | null, name: string | null): Domain {
  return id === null && name !== null ? { name } : { id: id ?? 'default' };
}

function pem(file: string | null): string | undefined {
  if (file === null) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): StartupError {
  return new StartupError(`${file}: ${error instanceof Error ? error.message : String(error)}`, 1, { cause: error });
}
