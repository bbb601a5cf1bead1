/** One thing that can be said of access to a cloud: its name in clouds.yaml, and other names that clients of OpenStack take for it. */
interface SettingName {
  readonly name: string;
  readonly also?: readonly string[];
  /** What `--help` says of its flag. There is none for secrets: a command line is everybody's to read. */
  readonly help?: string;
}

/** Settings of access, by the names that openstackclient has for them; `OS_` and upper case make the variable. */
export const ACCESS_SETTINGS: readonly SettingName[] = [
  {
    name: 'auth_type',
    also: ['auth_plugin'],
    help: 'How to log in: password, v3applicationcredential, token, none, http_basic.',
  },
  { name: 'auth_url', help: 'URL of Keystone.' },
  { name: 'username', also: ['user_name'], help: 'User.' },
  { name: 'user_id', help: 'Its id, instead of its name.' },
  { name: 'password' },
  { name: 'user_domain_name', help: 'Domain of the user.' },
  { name: 'user_domain_id', help: 'Its id, instead of its name.' },
  { name: 'project_name', also: ['tenant_name'], help: 'Project that new images belong to.' },
  { name: 'project_id', also: ['tenant_id'], help: 'Its id, instead of its name.' },
  { name: 'project_domain_name', help: 'Domain of the project.' },
  { name: 'project_domain_id', help: 'Its id, instead of its name.' },
  {
    name: 'default_domain',
    also: ['default_domain_id'],
    help: 'Id of the domain of user and project where none is named.',
  },
  { name: 'application_credential_id', help: 'Application credential.' },
  { name: 'application_credential_name', help: 'Its name, instead of its id, beside its user.' },
  { name: 'application_credential_secret' },
  { name: 'token', also: ['auth_token'] },
  { name: 'endpoint', also: ['url'], help: 'URL of an Image service without Keystone.' },
  { name: 'endpoint_override' },
  {
    name: 'image_endpoint_override',
    also: ['image_endpoint'],
    help: 'URL of the Image service, instead of the one of the catalog.',
  },
  { name: 'image_api_version', help: '1 or 2; the newest that the service has unless given.' },
  { name: 'region_name', also: ['region'], help: 'Region of the Image service.' },
  { name: 'interface', also: ['endpoint_type'], help: 'Interface of the Image service: public, internal, admin.' },
  { name: 'image_interface' },
  { name: 'cacert', also: ['ca_file'], help: 'File of CA certificates (PEM) by which servers are verified.' },
  { name: 'cert', help: 'File of a client certificate (PEM).' },
  { name: 'key', help: 'File of its private key (PEM).' },
  { name: 'insecure' },
  { name: 'verify' },
  { name: 'system_scope' },
  { name: 'trust_id' },
  { name: 'domain_id' },
  { name: 'domain_name' },
];

const NAMES = new Map(
  ACCESS_SETTINGS.flatMap(({ name, also = [] }) => [name, ...also].map((one) => [one, name] as const)),
);

/** The name of a setting by any of its names, hyphens and case as they please; undefined for what is none. */
export function settingName(written: string): string | undefined {
  return NAMES.get(written.toLowerCase().replaceAll('-', '_'));
}
