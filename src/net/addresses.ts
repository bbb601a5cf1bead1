import { BlockList, isIP } from 'node:net';

/** Who may be behind an address: a host on the public internet, one on a private network, or nobody whom this server should ever ask. */
export type Reach = 'public' | 'private' | 'never';

type Nets = readonly (readonly [net: string, prefix: number])[];

/** RFC 1918, carrier-grade NAT (RFC 6598), unique local addresses (RFC 4193). */
const PRIVATE_IPV4: Nets = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
const PRIVATE_IPV6: Nets = [['fc00::', 7]];

/** Services that hand a virtual machine its secrets, and that are not link-local: Azure and Alibaba; AWS, Google, Oracle and Scaleway over IPv6. */
const METADATA_IPV4: Nets = [
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
];
const METADATA_IPV6: Nets = [
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  ['fd00:c1::a9fe:a9fe', 128],
  ['fd00:42::42', 128],
];

/** Unspecified, loopback, link-local, documentation, benchmarks, multicast, reserved, broadcast (IANA special-purpose registry). */
const NEVER_IPV4: Nets = [
  ...METADATA_IPV4,
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Everything outside of global unicast, and within it what is no host's address. Private ranges are taken out before. */
const SPECIAL_IPV6: Nets = [
  ['::', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['4000::', 2],
  ['8000::', 1],
];

const private4 = listed(PRIVATE_IPV4, 'ipv4');
const never4 = listed(NEVER_IPV4, 'ipv4');
const private6 = listed(PRIVATE_IPV6, 'ipv6');
const metadata6 = listed(METADATA_IPV6, 'ipv6');
const special6 = listed(SPECIAL_IPV6, 'ipv6');

/** Who may be behind an address. An IPv6 address that carries IPv4 addresses is what the worst of them is; what is not an address is never. */
export function reachOf(address: string): Reach {
  if (isIP(address) === 4) {
    if (never4.check(address, 'ipv4')) return 'never';
    return private4.check(address, 'ipv4') ? 'private' : 'public';
  }
  if (isIP(address) !== 6 || address.includes('%')) return 'never';
  const carried = carriedIpv4(address).map(reachOf);
  if (carried.length > 0) return (['never', 'private'] as const).find((reach) => carried.includes(reach)) ?? 'public';
  if (metadata6.check(address, 'ipv6')) return 'never';
  if (private6.check(address, 'ipv6')) return 'private';
  return special6.check(address, 'ipv6') ? 'never' : 'public';
}

/**
 * The one way to write an address: IPv6 as in RFC 5952, an IPv4-mapped address as the IPv4 address that a socket makes of it.
 * Undefined for what is not an address, or has a zone.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIP(text) === 4) return text;
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  const [mapped] = isMapped(groupsOf(text)) ? carriedIpv4(text) : [];
  return mapped ?? shortest(text);
}

/** The IPv4 addresses inside an IPv6 address: mapped, compatible (:: and ::1 fall under it), NAT64, 6to4, Teredo (its server and its client). */
export function carriedIpv4(address: string): readonly string[] {
  if (isIP(address) !== 6 || address.includes('%')) return [];
  const groups = groupsOf(address);
  const [a = 0, b = 0, c = 0, d = 0, , , g = 0, h = 0] = groups;
  const zero = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0);
  if (zero(0, 6) || isMapped(groups) || (a === 0x64 && b === 0xff9b && zero(2, 6))) return [quad(g, h)];
  if (a === 0x2002) return [quad(b, c)];
  if (a === 0x2001 && b === 0) return [quad(c, d), quad(g ^ 0xffff, h ^ 0xffff)];
  return [];
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

function quad(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of a valid IPv6 address without a zone. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail = ''] = shortest(address).split('::');
  const [left, right] = [head, tail].map((half) =>
    half ? half.split(':').map((hex) => Number.parseInt(hex, 16)) : [],
  );
  const [before, after] = [left ?? [], right ?? []];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function shortest(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** One family each: in a list of both, IPv4 addresses would fall under the IPv6 rules, as the mapped addresses that they could be. */
function listed(nets: Nets, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
}
