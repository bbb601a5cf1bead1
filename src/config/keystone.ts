import { KEYSTONE_OPTIONS } from './options/keystone.js';
import type { SectionValues } from './options.js';
import type { Filter } from './pipeline.js';
import { readSection, type Setting, Settings } from './settings.js';

/** What holds for the validation of tokens. */
export type KeystoneValues = SectionValues<typeof KEYSTONE_OPTIONS>;

const SECTION = 'keystone_authtoken';

/**
 * The rules of the authtoken filter as keystonemiddleware finds them: the filter's own options replace those of [keystone_authtoken].
 * Undefined without such a filter. Mistakes, and what is missing to log in to Keystone, are added to `problems`.
 */
export function readKeystone(
  filters: readonly Filter[],
  all: readonly Setting[],
  problems: string[],
): KeystoneValues | undefined {
  const filter = filters.find(({ kind }) => kind === 'authtoken');
  if (filter === undefined) return undefined;
  const where = 'the authtoken filter';
  const own = Object.entries(filter.options).map(
    ([name, value]): Setting => ({ section: SECTION, name, value, origin: 'command line', where }),
  );
  const settings = new Settings([...all, ...own]);
  const values = readSection<KeystoneValues>(SECTION, KEYSTONE_OPTIONS, settings);
  for (const problem of settings.problems) if (!problems.includes(problem)) problems.push(problem);
  problems.push(...missing(values).map((what) => `[${SECTION}] ${what}`));
  return values;
}

function missing(values: KeystoneValues): string[] {
  const { auth_url: url, auth_type: type } = values;
  const user = values.username ?? values.user_id;
  const needs: readonly (readonly [missing: boolean, what: string])[] = [
    [url === null, 'auth_url is not set: where is Keystone?'],
    [url !== null && !/^https?:$/.test(protocolOf(url)), 'auth_url must be a URL of http or https'],
    [type === 'none', 'auth_type = none: without a token of its own no service may validate others'],
    [type === 'admin_token' && values.admin_token === null, 'admin_token is not set'],
    [/password$/.test(type) && user === null, 'username is not set'],
    [/password$/.test(type) && values.password === null, 'password is not set'],
    [/password$/.test(type) && (values.project_name ?? values.project_id) === null, 'project_name is not set'],
    [
      type === 'v3applicationcredential' && values.application_credential_secret === null,
      'application_credential_secret is not set',
    ],
    [
      type === 'v3applicationcredential' &&
        values.application_credential_id === null &&
        (values.application_credential_name === null || user === null),
      'application_credential_id is not set, nor application_credential_name with username',
    ],
  ];
  return needs.filter(([lacks]) => lacks).map(([, what]) => what);
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
