import { SyncError } from '../../sync-error.js';
import type { AccessSetting, DestinationOptions } from '../destination.js';
import { proxiesOf } from '../proxies.js';
import { ACCESS_SETTINGS } from './access-settings.js';

/** Options of the command line with a value that say where images go. */
export const DESTINATION_OPTIONS: readonly string[] = [
  'os-cloud',
  ...ACCESS_SETTINGS.filter(({ help }) => help !== undefined).map(({ name }) => flagOf(name)),
  'owner',
];

/** Those that may come more than once. */
export const REPEATED_DESTINATION_OPTIONS: readonly string[] = ['config-file', 'config-dir'];

/** Those without a value. */
export const DESTINATION_SWITCHES: readonly string[] = ['insecure'];

/** Lines of `--help` for them, an option and what it is each. */
export const DESTINATION_HELP: readonly (readonly [option: string, help: string])[] = [
  ['--os-cloud NAME', 'Cloud of clouds.yaml (OS_CLOUD).'],
  ['--os-endpoint URL', 'Image service without Keystone; with the token OS_TOKEN where it wants one.'],
  ...ACCESS_SETTINGS.flatMap(({ name, help }) =>
    help === undefined || name === 'endpoint'
      ? []
      : [[`--${flagOf(name)} VALUE`, `${help} (${variableOf(name)})`] as const],
  ),
  ['--insecure', 'Take servers without verifying their certificates (OS_INSECURE).'],
  ['--config-file FILE', 'Straight into the registry and the stores of this configuration; may be repeated.'],
  ['--config-dir DIR', 'Folder whose *.conf files are read after those.'],
  ['--owner PROJECT', 'Project that new images of that registry belong to; nobody’s unless given.'],
];

/** Values of a command line by the names of options, as node:util's parseArgs gives them. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/**
 * Where images go, from the options above and the OS_* variables as openstackclient reads them: an option wins over its variable, and both over
 * clouds.yaml. `--os-endpoint` names a service without Keystone: then the login that the environment describes is left alone, but for OS_TOKEN,
 * and a user and password with `http_basic`. Reads no file. Throws SyncError usage for options that exclude each other, and where nothing says where to.
 */
export function destinationOptions(values: OptionValues, env: NodeJS.ProcessEnv, cwd: string): DestinationOptions {
  const files = texts(values['config-file']);
  const dirs = texts(values['config-dir']);
  const flags = flagSettings(values);
  const cloud = text(values['os-cloud']);
  const owner = text(values.owner);
  if (files.length + dirs.length > 0) {
    const [first] = [...(cloud === undefined ? [] : ['--os-cloud']), ...[...flags.values()].map(({ from }) => from)];
    if (first !== undefined) {
      throw new SyncError('usage', `--config-file and ${first} name two destinations: give one of them.`);
    }
    return { kind: 'registry', files, dirs, owner };
  }
  if (owner !== undefined) {
    throw new SyncError(
      'usage',
      '--owner is for --config-file: in a cloud, images belong to the project of the login.',
    );
  }
  const direct = flags.get('endpoint');
  if (direct !== undefined && cloud !== undefined) {
    throw new SyncError('usage', '--os-endpoint and --os-cloud name two destinations: give one of them.');
  }
  const said = environment(env);
  const kept = direct === undefined ? said : withoutKeystone(said, flags);
  const settings = new Map([...kept, ...flags]);
  const named = direct === undefined ? (cloud ?? (env.OS_CLOUD || undefined)) : undefined;
  if (named === undefined && !settings.has('auth_url') && !ENDPOINTS.some((name) => settings.has(name))) {
    throw new SyncError(
      'usage',
      'Nothing says where images go: give --os-cloud NAME (OS_CLOUD), OS_AUTH_URL with a login, --os-endpoint URL, or --config-file FILE.',
    );
  }
  return {
    kind: 'cloud',
    // openstackclient's own word for "the environment alone".
    cloud: named === 'envvars' ? undefined : named,
    settings,
    proxiesFor: (url) => proxiesOf(url, env),
    files: {
      cwd,
      home: env.HOME || undefined,
      configHome: env.XDG_CONFIG_HOME || undefined,
      clouds: env.OS_CLIENT_CONFIG_FILE || undefined,
      secure: env.OS_CLIENT_SECURE_FILE || undefined,
      vendor: env.OS_CLIENT_VENDOR_FILE || undefined,
    },
  };
}

/** Settings each of which says where the Image service is. */
const ENDPOINTS = ['endpoint', 'endpoint_override', 'image_endpoint_override'];

function flagOf(name: string): string {
  return `os-${name.replaceAll('_', '-')}`;
}

function variableOf(name: string): string {
  return `OS_${name.toUpperCase()}`;
}

function flagSettings(values: OptionValues): Map<string, AccessSetting> {
  const settings = ACCESS_SETTINGS.flatMap(({ name }): [string, AccessSetting][] => {
    const value = text(values[flagOf(name)]);
    return value === undefined ? [] : [[name, { value, from: `--${flagOf(name)}` }]];
  });
  if (values.insecure === true) settings.push(['insecure', { value: 'true', from: '--insecure' }]);
  return new Map(settings);
}

/** What OS_* variables say; an empty one says nothing, and of two names of one thing the first of the table wins. */
function environment(env: NodeJS.ProcessEnv): Map<string, AccessSetting> {
  return new Map(
    ACCESS_SETTINGS.flatMap(({ name, also = [] }): [string, AccessSetting][] => {
      const from = [name, ...also].map(variableOf).find((variable) => env[variable]);
      const value = from === undefined ? undefined : env[from];
      return from === undefined || value === undefined ? [] : [[name, { value, from }]];
    }),
  );
}

const WITHOUT_KEYSTONE = ['token', 'cacert', 'cert', 'key', 'insecure', 'image_api_version'];

/** What of the environment goes to a service without Keystone: a password of a cloud is not its business. */
function withoutKeystone(
  said: ReadonlyMap<string, AccessSetting>,
  flags: ReadonlyMap<string, AccessSetting>,
): Map<string, AccessSetting> {
  const type = flags.get('auth_type') ?? said.get('auth_type');
  const basic = type?.value === 'http_basic' ? ['auth_type', 'username', 'password'] : [];
  return new Map([...said].filter(([name]) => [...WITHOUT_KEYSTONE, ...basic].includes(name)));
}

function text(value: OptionValues[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: OptionValues[string]): readonly string[] {
  return [value].flat().filter((one) => typeof one === 'string');
}
