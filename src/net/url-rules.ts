import { isIP } from 'node:net';
import { RegistryError } from '../domain/errors.js';

/** `[import_filtering_opts]`. Of the same kind an allow-list wins over a deny-list; an empty list restricts nothing. */
export interface UrlRules {
  readonly allowedSchemes: readonly string[];
  readonly disallowedSchemes: readonly string[];
  /** Names or addresses. A host named here may also have a private or loopback address. */
  readonly allowedHosts: readonly string[];
  readonly disallowedHosts: readonly string[];
  readonly allowedPorts: readonly (string | number)[];
  readonly disallowedPorts: readonly (string | number)[];
}

/** Glance's defaults (image-api-v2, configuration). */
export const DEFAULT_URL_RULES: UrlRules = {
  allowedSchemes: ['http', 'https'],
  disallowedSchemes: [],
  allowedHosts: [],
  disallowedHosts: [],
  allowedPorts: [80, 443],
  disallowedPorts: [],
};

/** The only schemes that this program can speak, whatever the configuration allows. */
const SPOKEN = ['http', 'https'];

/** Parses a URL and holds it against the rules. Throws invalid, naming what is refused, never credentials. */
export function checkUrl(text: string, rules: UrlRules, base?: URL): URL {
  const url = parse(text, base);
  const scheme = url.protocol.slice(0, -1);
  if (!SPOKEN.includes(scheme) || !passes(scheme, rules.allowedSchemes, rules.disallowedSchemes)) {
    throw refused(`scheme '${scheme}'`);
  }
  const host = hostOf(url);
  if (host === '' || !passes(host, rules.allowedHosts, rules.disallowedHosts)) throw refused(`host '${host}'`);
  const port = url.port || (scheme === 'https' ? '443' : '80');
  if (!passes(port, rules.allowedPorts, rules.disallowedPorts)) throw refused(`port ${port}`);
  return url;
}

/** Host name or address of a URL in the form in which rules are written: lower case, no brackets, no final dot. */
export function hostOf(url: URL): string {
  return plainHost(url.hostname);
}

/** Whether the rules name this host, and so vouch for its address. */
export function isNamedHost(host: string, rules: UrlRules): boolean {
  return rules.allowedHosts.some((allowed) => plainHost(allowed) === host);
}

/** The URL for logs and errors: no user, no password, no query (which may hold a signature). */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function parse(text: string, base: URL | undefined): URL {
  try {
    return new URL(text, base);
  } catch {
    // Not with the parser's error as the cause: it quotes the whole URL, credentials included.
    throw new RegistryError('invalid', 'The URL of the source is malformed.');
  }
}

function plainHost(host: string): string {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) ? bare : bare.replace(/\.$/, '');
}

function passes(value: string, allowed: readonly (string | number)[], denied: readonly (string | number)[]): boolean {
  const among = (list: readonly (string | number)[]): boolean =>
    list.some((entry) => plainHost(String(entry)) === value);
  return allowed.length > 0 ? among(allowed) : !among(denied);
}

function refused(what: string): RegistryError {
  return new RegistryError('invalid', `Sources with ${what} are not allowed.`);
}
