import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { RegistryError } from '../domain/errors.js';
import { isPublicAddress } from './addresses.js';
import { isNamedHost, type UrlRules } from './url-rules.js';

/**
 * A connector that reaches public addresses and hosts that the rules name, nothing else. It judges the very addresses that the socket is given,
 * so a name that resolves differently a moment later gains nothing.
 */
export function guardedConnector(rules: UrlRules, timeoutMs: number): buildConnector.connector {
  const guardedLookup: LookupFunction = (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '');
      const usable = addresses.filter(({ address }) => mayReach(host, address, rules));
      const [first] = usable;
      if (!first) return done(privateAddress(host), '');
      return options.all ? done(null, usable) : done(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup, allowH2: false });
  return (options, done) => {
    // A literal address is never looked up.
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) && !mayReach(host, host, rules)) return done(privateAddress(host), null);
    return connect(options, done);
  };
}

function mayReach(host: string, address: LookupAddress['address'], rules: UrlRules): boolean {
  return isPublicAddress(address) || isNamedHost(host.toLowerCase().replace(/\.$/, ''), rules);
}

function privateAddress(host: string): RegistryError {
  return new RegistryError(
    'invalid',
    `Sources on host '${host}' are not allowed: its address is not public and allowed_hosts does not name it.`,
  );
}
