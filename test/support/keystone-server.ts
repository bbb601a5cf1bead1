import type { Settings } from './server.js';

export interface KeystoneLogin {
  readonly auth_url: string;
  readonly username: string;
  readonly password: string;
  readonly project_name: string;
}

/** Settings of a server behind Keystone. */
export function keystoneSettings(login: KeystoneLogin, settings: Settings = {}): Settings {
  return {
    ...settings,
    paste_deploy: { flavor: 'keystone' },
    keystone_authtoken: { ...login, www_authenticate_uri: 'https://keystone.example.org' },
  };
}
