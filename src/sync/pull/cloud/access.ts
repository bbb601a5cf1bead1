import type { Domain, KeystoneProof, Named } from '../../../net/keystone-token.js';
import { SyncError } from '../../sync-error.js';
import type { AccessSetting } from '../destination.js';

/** How requests show who makes them. */
export type CloudLogin =
  | { readonly by: 'nothing' }
  | { readonly by: 'token'; readonly token: string }
  | { readonly by: 'basic'; readonly username: string; readonly password: string }
  | { readonly by: 'keystone'; readonly address: string; readonly proof: KeystoneProof };

/** Everything that is needed to talk to the Image service of a cloud. */
export interface CloudAccess {
  readonly login: CloudLogin;
  /** URL of the Image service; the catalog says it when undefined. */
  readonly endpoint: string | undefined;
  /** Id of the project whose images are meant, where no Keystone says it; undefined: all that can be seen. */
  readonly project: string | undefined;
  readonly interface: string;
  readonly region: string | undefined;
  readonly imageApi: 'v1' | 'v2' | undefined;
  readonly tls: {
    /** Paths of PEM files. */
    readonly cacert: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly insecure: boolean;
  };
}

type Settings = ReadonlyMap<string, AccessSetting>;

/** Reads settings. Throws SyncError usage that names everything that is missing, and where what is wrong was said. */
export function readAccess(settings: Settings): CloudAccess {
  const endpoint =
    urlOf(settings, 'image_endpoint_override') ?? urlOf(settings, 'endpoint_override') ?? urlOf(settings, 'endpoint');
  const login = readLogin(settings);
  if (login.by !== 'keystone') need(settings, ...(endpoint === undefined ? ['endpoint'] : []));
  return {
    login,
    endpoint,
    project: login.by === 'token' || login.by === 'basic' ? value(settings, 'project_id') : undefined,
    interface: (value(settings, 'image_interface') ?? value(settings, 'interface') ?? 'public').replace(/URL$/, ''),
    region: value(settings, 'region_name'),
    imageApi: readVersion(settings),
    tls: {
      cacert: value(settings, 'cacert'),
      cert: value(settings, 'cert'),
      key: value(settings, 'key'),
      insecure: flag(settings, 'insecure') === true || flag(settings, 'verify') === false,
    },
  };
}

/** openstackclient's ways to log in by all of their names; the others need a person, or a service of their own. */
const LOGINS: Readonly<Record<string, (settings: Settings) => CloudLogin>> = {
  none: () => ({ by: 'nothing' }),
  noauth: () => ({ by: 'nothing' }),
  admin_token: byToken,
  token_endpoint: byToken,
  http_basic: (settings) => {
    need(settings, 'username', 'password');
    return { by: 'basic', username: must(settings, 'username'), password: must(settings, 'password') };
  },
  password: byPassword,
  v3password: byPassword,
  token: byTokenOfKeystone,
  v3token: byTokenOfKeystone,
  v3applicationcredential: byCredential,
  application_credential: byCredential,
};

function readLogin(settings: Settings): CloudLogin {
  const type = settings.get('auth_type')?.value ?? likelyType(settings);
  const read = Object.hasOwn(LOGINS, type) ? LOGINS[type] : undefined;
  if (read === undefined) {
    const known = Object.keys(LOGINS).join(', ');
    throw new SyncError(
      'usage',
      `${said(settings, 'auth_type')}: a login of type ${type} is not known here, but ${known}.`,
    );
  }
  const login = read(settings);
  if (login.by === 'keystone') refuseOtherScopes(settings);
  return login;
}

/** Where no type is named, what is there says it. */
function likelyType(settings: Settings): string {
  if (!settings.has('auth_url')) {
    const direct = ['endpoint', 'endpoint_override', 'image_endpoint_override'].some((name) => settings.has(name));
    if (direct) return settings.has('token') ? 'admin_token' : 'none';
  }
  if (settings.has('application_credential_secret')) return 'v3applicationcredential';
  return settings.has('token') && !settings.has('password') ? 'token' : 'password';
}

/** Images belong to projects: with a token of anything else, an upload fails only after everything has been downloaded. */
function refuseOtherScopes(settings: Settings): void {
  const other = ['system_scope', 'trust_id'].find((name) => settings.has(name));
  if (other !== undefined) {
    throw new SyncError(
      'usage',
      `${said(settings, other)}: images belong to a project, so that the login must be for one.`,
    );
  }
}

function byToken(settings: Settings): CloudLogin {
  return { by: 'token', token: must(settings, 'token') };
}

function byPassword(settings: Settings): CloudLogin {
  const user = named(settings, 'user');
  need(settings, 'auth_url', ...(user === undefined ? ['username'] : []), 'password');
  const proof: KeystoneProof = {
    by: 'password',
    user: user ?? lacks(settings, ['username']),
    password: must(settings, 'password'),
    project: named(settings, 'project'),
  };
  return { by: 'keystone', address: identityOf(settings), proof };
}

function byTokenOfKeystone(settings: Settings): CloudLogin {
  need(settings, 'auth_url', 'token');
  const proof: KeystoneProof = { by: 'token', token: must(settings, 'token'), project: named(settings, 'project') };
  return { by: 'keystone', address: identityOf(settings), proof };
}

function byCredential(settings: Settings): CloudLogin {
  const id = value(settings, 'application_credential_id');
  const name = value(settings, 'application_credential_name');
  const user = named(settings, 'user');
  const lacking = id !== undefined ? [] : name === undefined ? ['application_credential_id'] : user ? [] : ['username'];
  need(settings, 'auth_url', ...lacking, 'application_credential_secret');
  const proof: KeystoneProof = {
    by: 'application-credential',
    credential:
      id !== undefined
        ? { id }
        : {
            name: name ?? lacks(settings, ['application_credential_id']),
            user: user ?? lacks(settings, ['username']),
          },
    secret: must(settings, 'application_credential_secret'),
  };
  return { by: 'keystone', address: identityOf(settings), proof };
}

function identityOf(settings: Settings): string {
  return urlOf(settings, 'auth_url') ?? lacks(settings, ['auth_url']);
}

/** A user or a project: by its id, or by its name within a domain; `domain_id` and `domain_name` are said once for both, and `default` is meant where none is. */
function named(settings: Settings, kind: 'user' | 'project'): Named | undefined {
  const id = value(settings, `${kind}_id`);
  if (id !== undefined) return { id };
  const name = value(settings, kind === 'user' ? 'username' : 'project_name');
  return name === undefined ? undefined : { name, domain: domainOf(settings, kind) };
}

function domainOf(settings: Settings, kind: 'user' | 'project'): Domain {
  for (const domain of [`${kind}_domain`, 'domain']) {
    const id = value(settings, `${domain}_id`);
    const name = value(settings, `${domain}_name`);
    if (id !== undefined) return { id };
    if (name !== undefined) return { name };
  }
  return { id: value(settings, 'default_domain') ?? 'default' };
}

function readVersion(settings: Settings): 'v1' | 'v2' | undefined {
  const version = value(settings, 'image_api_version');
  if (version === undefined) return undefined;
  const [, major] = /^v?([12])(?:\.\d+)?$/.exec(version) ?? [];
  if (major === undefined)
    throw new SyncError(
      'usage',
      `${said(settings, 'image_api_version')} must be 1 or 2, not ${JSON.stringify(version)}.`,
    );
  return major === '1' ? 'v1' : 'v2';
}

function urlOf(settings: Settings, name: string): string | undefined {
  const url = value(settings, name);
  if (url === undefined) return undefined;
  const { protocol, username, password } = URL.canParse(url)
    ? new URL(url)
    : { protocol: '', username: '', password: '' };
  // Not repeated: what is written in place of a URL may be a secret.
  if (!/^https?:$/.test(protocol))
    throw new SyncError('usage', `${said(settings, name)} must be a URL of http or https.`);
  if (username || password) {
    throw new SyncError(
      'usage',
      `${said(settings, name)} must not hold a login: use auth_type http_basic (OS_AUTH_TYPE).`,
    );
  }
  return url;
}

function flag(settings: Settings, name: string): boolean | undefined {
  const text = value(settings, name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  if (['false', 'no', 'off', '0', 'none'].includes(text)) return false;
  throw new SyncError('usage', `${said(settings, name)} must be true or false.`);
}

function value(settings: Settings, name: string): string | undefined {
  return settings.get(name)?.value || undefined;
}

/** Throws SyncError usage that names all of these settings that are not there. */
function need(settings: Settings, ...names: readonly string[]): void {
  const lacking = names.filter((name) => value(settings, name) === undefined);
  if (lacking.length > 0) lacks(settings, lacking);
}

function must(settings: Settings, name: string): string {
  return value(settings, name) ?? lacks(settings, [name]);
}

function lacks(settings: Settings, names: readonly string[]): never {
  const variables = names.map((name) => `OS_${name.toUpperCase()}`).join(', ');
  const cloud = [...settings.values()].find(({ from }) => isOfCloud(from))?.from;
  const place = cloud === undefined ? '' : ` (or ${names.join(', ')} in ${cloud})`;
  throw new SyncError('usage', `The login is incomplete, ${variables}${place} is missing.`);
}

function isOfCloud(from: string): boolean {
  return from.startsWith('cloud ');
}

/** Where a setting was said, for the beginning of a sentence. */
function said(settings: Settings, name: string): string {
  const from = settings.get(name)?.from ?? name;
  return isOfCloud(from) ? `${name} in ${from}` : from;
}
