import { BlockList, isIP } from 'node:net';

/** What is not an address of one host on the public internet (IANA special-purpose registries), the link-local metadata services included. */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/** Everything outside global unicast, and within it the ranges that lead on to other addresses (Teredo, 6to4) or nowhere. */
const SPECIAL_IPV6 = [
  ['::', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['4000::', 2],
  ['8000::', 1],
] as const;

/** One list each: in a list of both, IPv4 addresses would fall under the IPv6 rules, as the mapped addresses that they could be. */
const special4 = new BlockList();
const special6 = new BlockList();
for (const [net, prefix] of SPECIAL_IPV4) special4.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of SPECIAL_IPV6) special6.addSubnet(net, prefix, 'ipv6');

/**
 * Whether an address belongs to one host on the public internet. Loopback, private, link-local, multicast, unspecified and reserved addresses do not,
 * nor do IPv6 addresses that carry an IPv4 address (`::ffff:10.0.0.1`), nor anything that is not an address.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, 'ipv4');
    case 6:
      return !address.includes('%') && !special6.check(address, 'ipv6');
    default:
      return false;
  }
}
