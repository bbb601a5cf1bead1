import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { closedAddress, reachable, type UrlRules } from './url-rules.js';

/** Every address of a host, in the order in which they are to be tried. */
export type Resolve = (host: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

const systemResolve: Resolve = (host, done) => lookup(host, { all: true }, done);

/**
 * Resolves a host for a socket, once, to the addresses that it may reach and to nothing else (image-api-v2 section 7, fetch rules 3 and 4):
 * the socket connects to the first of these very addresses that answers, so that a name which resolves differently a moment later gains nothing.
 */
export function guardedLookup(rules: UrlRules, resolve: Resolve = systemResolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, addresses) => {
      if (error) return done(error, '');
      const usable = addresses.filter(({ address }) => reachable(host, address, rules));
      const [first] = usable;
      if (!first) return done(closedAddress(host), '');
      return options.all ? done(null, usable) : done(null, first.address, first.family);
    });
  };
}
