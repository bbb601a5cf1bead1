import { inside, listIn, parsed, textIn } from './json.js';

/** A user or project by its id, or by its name within a domain. */
export type Named = { readonly id: string } | { readonly name: string; readonly domain: Domain };
export type Domain = { readonly id: string } | { readonly name: string };

/** How a service proves to Keystone who it is. */
export type KeystoneProof =
  | { readonly by: 'password'; readonly user: Named; readonly password: string; readonly project: Named }
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
}

/** The body of `POST /v3/auth/tokens`. */
export function tokenRequest(proof: KeystoneProof): string {
  if (proof.by === 'password') {
    const password = { user: { ...proof.user, password: proof.password } };
    return JSON.stringify({
      auth: { identity: { methods: ['password'], password }, scope: { project: proof.project } },
    });
  }
  const application_credential = { ...proof.credential, secret: proof.secret };
  return JSON.stringify({ auth: { identity: { methods: ['application_credential'], application_credential } } });
}

/** What an answer 201 to it gives: its `X-Subject-Token` and its body. Undefined when that is no token. */
export function readToken(token: string | undefined, text: string): KeystoneToken | undefined {
  const body = inside(parsed(text), 'token');
  const expiresAt = Date.parse(textIn(body, 'expires_at') ?? '');
  return token && !Number.isNaN(expiresAt) ? { token, expiresAt, catalog: listIn(body, 'catalog') } : undefined;
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
