import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { RegistryError } from '../domain/errors.js';
import { canonicalAddress, carriedIpv4, reachOf } from './addresses.js';
import { writtenHost } from './written-host.js';

/** `[import_filtering_opts]`. Of the same kind an allow-list wins over a deny-list; an empty list restricts nothing. */
export interface UrlRules {
  readonly allowedSchemes: readonly string[];
  readonly disallowedSchemes: readonly string[];
  /** Names or addresses. A host named here may have any address, a loopback address too. */
  readonly allowedHosts: readonly string[];
  /** Names or addresses; an address here also refuses the names that resolve to it. */
  readonly disallowedHosts: readonly string[];
  readonly allowedPorts: readonly (string | number)[];
  readonly disallowedPorts: readonly (string | number)[];
  /** `[glimpse] block_private_addresses`: private networks are as closed as the loopback interface. */
  readonly blockPrivate: boolean;
}

/** Glance's defaults (image-api-v2 section 6). */
export const DEFAULT_URL_RULES: UrlRules = {
  allowedSchemes: ['http', 'https'],
  disallowedSchemes: [],
  allowedHosts: [],
  disallowedHosts: [],
  allowedPorts: [80, 443],
  disallowedPorts: [],
  blockPrivate: false,
};

/** The only schemes that this program can speak, whatever the configuration allows. */
const SPOKEN = ['http', 'https'];

/**
 * Parses a URL and holds its text against the rules (image-api-v2 section 7, fetch rules 1 and 2); `from` is the URL that redirects to it.
 * What a name resolves to is judged when it is: see reachable. Throws invalid, naming what is refused, never credentials.
 */
export function checkUrl(text: string, rules: UrlRules, from?: URL): URL {
  const url = parse(text, from);
  const scheme = url.protocol.slice(0, -1);
  if (!SPOKEN.includes(scheme) || !passes([scheme], rules.allowedSchemes, rules.disallowedSchemes)) {
    throw refused(`scheme '${scheme}'`);
  }
  if (from?.protocol === 'https:' && scheme === 'http') throw refused(`scheme 'http' behind one of 'https'`);
  checkWriting(text, url, from);
  const host = hostOf(url);
  if (!passes([host, ...carriedIpv4(host)], listedHosts(rules.allowedHosts), listedHosts(rules.disallowedHosts))) {
    throw refused(`host '${host}'`);
  }
  // Behind a proxy nothing is resolved here, so that the names of the loopback interface are refused as well (RFC 6761 section 6.3).
  const closed = isIP(host) ? !reachable(host, host, rules) : /(^|\.)localhost$/.test(host) && !isNamed(host, rules);
  if (closed) throw closedAddress(host);
  const port = url.port || (scheme === 'https' ? '443' : '80');
  if (!passes([port], rules.allowedPorts, rules.disallowedPorts)) throw refused(`port ${port}`);
  return url;
}

/** Whether a host may be reached at this address of its (fetch rule 3). */
export function reachable(host: string, address: string, rules: UrlRules): boolean {
  if (isNamed(canonicalHost(host), rules)) return true;
  const reach = reachOf(address);
  if (reach === 'never' || (reach === 'private' && rules.blockPrivate)) return false;
  return passes([canonicalHost(address), ...carriedIpv4(address)], [], listedHosts(rules.disallowedHosts));
}

/** The refusal of a host none of whose addresses may be reached. */
export function closedAddress(host: string): RegistryError {
  return new RegistryError(
    'invalid',
    `Sources on host '${host}' are not allowed: its address is not open to requests, and allowed_hosts does not name it.`,
  );
}

/** Host name or address of a URL in the form in which hosts are compared. */
export function hostOf(url: URL): string {
  return canonicalHost(url.hostname);
}

/** The URL for logs and errors: no user, no password, no query (which may hold a signature). */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function parse(text: string, from: URL | undefined): URL {
  try {
    return new URL(text, from);
  } catch {
    // Not with the parser's error as the cause: it quotes the whole URL, credentials included.
    throw malformed();
  }
}

/** Refuses what others may read differently from the parser: the host that is judged must be the host that is written. */
function checkWriting(text: string, url: URL, from: URL | undefined): void {
  const written = writtenHost(text);
  if (written === 'inherited' && from) return;
  if (typeof written === 'string' || /^\.?$|\.\./.test(url.hostname)) throw malformed();
  if (isIP(url.hostname) === 4 && written.host !== url.hostname) {
    throw malformed(': an IPv4 address is four decimal numbers');
  }
}

function isNamed(host: string, rules: UrlRules): boolean {
  return listedHosts(rules.allowedHosts).includes(host);
}

function listedHosts(hosts: readonly string[]): readonly string[] {
  return hosts.map(canonicalHost);
}

/** Lower case, no brackets, no final dot, international names in ASCII, addresses in their one form. */
function canonicalHost(host: string): string {
  const bare = host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1');
  return canonicalAddress(bare) ?? (domainToASCII(bare) || bare).replace(/\.$/, '');
}

/** `values` are the names of one thing: the first is what an allow-list must have, none may be on a deny-list. */
function passes(
  values: readonly [string, ...string[]],
  allowed: readonly (string | number)[],
  denied: readonly (string | number)[],
): boolean {
  const among = (list: readonly (string | number)[], value: string): boolean =>
    list.some((entry) => String(entry).trim().toLowerCase() === value);
  return allowed.length > 0 ? among(allowed, values[0]) : !values.some((value) => among(denied, value));
}

function refused(what: string): RegistryError {
  return new RegistryError('invalid', `Sources with ${what} are not allowed.`);
}

function malformed(why = ''): RegistryError {
  return new RegistryError('invalid', `The URL of the source is malformed${why}.`);
}
