import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './server.js';

const PASTE = `
[pipeline:glance-api]
pipeline = versionnegotiation authtoken context rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/v1: apiv1app
/v2: apiv2app
[app:apiv1app]
paste.app_factory = glance.api.v1.router:API.factory
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
delay_auth_decision = true
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
`;

export interface KeystoneLogin {
  readonly auth_url: string;
  readonly username: string;
  readonly password: string;
  readonly project_name: string;
}

/** Settings of a server behind Keystone, with a paste file in that folder: none that the machine has by chance is read. */
export function keystoneSettings(folder: string, login: KeystoneLogin, settings: Settings = {}): Settings {
  const config_file = join(folder, 'keystone-paste.ini');
  writeFileSync(config_file, PASTE);
  return {
    ...settings,
    paste_deploy: { config_file },
    keystone_authtoken: {
      ...login,
      www_authenticate_uri: 'https://keystone.example.org',
      ...settings.keystone_authtoken,
    },
  };
}
