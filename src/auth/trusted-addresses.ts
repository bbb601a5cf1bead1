import { BlockList, isIP, isIPv4 } from 'node:net';

/** Answers whether an address is among those given. */
export type AddressTest = (address: string) => boolean;

/**
 * A test for addresses and networks, IPv4 and IPv6, such as `127.0.0.1`, `10.0.0.0/8` and `fd00::/8`. An IPv4 address also
 * matches in its IPv4-mapped form, which a socket listening on `::` reports. Anything that is no address never matches.
 * Throws Error naming the option and the entry that is neither an address nor a network.
 */
export function parseAddresses(entries: readonly string[], option = 'trusted_proxies'): AddressTest {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.trim().split('/');
    const family = familyOf(address);
    const bits = prefix === undefined ? undefined : prefixLength(prefix, family);
    if (family === undefined || rest.length > 0 || (prefix !== undefined && bits === undefined)) {
      throw new Error(`${option}: "${entry}" is neither an address nor a network such as 10.0.0.0/8`);
    }
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return (text) => {
    const address = text.replace(/%.*$/, '');
    const family = familyOf(address);
    return family !== undefined && list.check(address, family);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIP(address) === 0) return undefined;
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

function prefixLength(text: string, family: 'ipv4' | 'ipv6' | undefined): number | undefined {
  const bits = Number(text);
  return /^\d{1,3}$/.test(text) && bits <= (family === 'ipv4' ? 32 : 128) ? bits : undefined;
}
