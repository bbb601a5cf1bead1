import { inside, listIn, parsed, textIn } from './json.js';

/** A user or project by its id, or by its name within a domain. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain };
export type Domain = { readonly id: string } | { readonly name: string };

/** How a service proves to Keystone who it is. Without a project the token is for the user's default one, or for none. */
export type KeystoneProof =
  | { readonly by: 'password'; readonly user: Named; readonly password: string; readonly project?: Named | undefined }
  /** A token for another one, of this project. */
  | { readonly by: 'token'; readonly token: string; readonly project?: Named | undefined }
  | {
      readonly by: 'application-credential';
      /** The credential by its id, or by its name beside its user. */
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: Named };
      readonly secret: string;
    };

/** A token of one's own. */
export interface KeystoneToken {
  readonly token: string;
  /** Milliseconds of the epoch. */
  readonly expiresAt: number;
  readonly catalog: readonly unknown[];
  /** Id of the project that it is for. */
  readonly project: string | undefined;
}

/** The URL of version 3 of the Identity API, whatever version a URL names. */
export function identityUrl(address: string): string {
  return `${address.replace(/\/+$/, '').replace(/\/v[0-9.]+$/, '')}/v3`;
}

/** The body of `POST /v3/auth/tokens`. */
export function tokenRequest(proof: KeystoneProof): string {
  if (proof.by !== 'application-credential') {
    const identity =
      proof.by === 'password'
        ? { methods: ['password'], password: { user: { ...proof.user, password: proof.password } } }
        : { methods: ['token'], token: { id: proof.token } };
    const scope = proof.project === undefined ? {} : { scope: { project: proof.project } };
    return JSON.stringify({ auth: { identity, ...scope } });
  }
  const application_credential = { ...proof.credential, secret: proof.secret };
  return JSON.stringify({ auth: { identity: { methods: ['application_credential'], application_credential } } });
}

/** What an answer 201 to it gives: its `X-Subject-Token` and its body. Undefined when that is no token. */
export function readToken(token: string | undefined, text: string): KeystoneToken | undefined {
  const body = inside(parsed(text), 'token');
  const expiresAt = Date.parse(textIn(body, 'expires_at') ?? '');
  if (!token || Number.isNaN(expiresAt)) return undefined;
  return { token, expiresAt, catalog: listIn(body, 'catalog'), project: textIn(body, 'project', 'id') };
}

export interface EndpointRules {
  readonly serviceType: string;
  readonly interface: string;
  /** Any region when there is none. */
  readonly region: string | undefined;
}

/** The URL of the first endpoint of a catalog that fits. */
export function endpointIn(catalog: readonly unknown[], rules: EndpointRules): string | undefined {
  const endpoints = catalog
    .filter((service) => textIn(service, 'type') === rules.serviceType)
    .flatMap((service) => listIn(service, 'endpoints'))
    .filter((endpoint) => textIn(endpoint, 'interface') === rules.interface)
    .filter((endpoint) => rules.region === undefined || regionsOf(endpoint).includes(rules.region));
  const url = textIn(endpoints[0], 'url');
  return url !== undefined && URL.canParse(url) ? url : undefined;
}

function regionsOf(endpoint: unknown): (string | undefined)[] {
  return [textIn(endpoint, 'region'), textIn(endpoint, 'region_id')];
}
