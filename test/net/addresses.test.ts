import test from 'ava';
import { canonicalAddress, carriedIpv4, type Reach, reachOf } from '../../src/net/addresses.js';

const ADDRESSES: Readonly<Record<Reach, readonly string[]>> = {
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '11.0.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '168.63.129.17',
    '172.15.255.255',
    '172.32.0.1',
    '192.169.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
    '::8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
    // Teredo: server 8.8.8.8, client 1.1.1.1.
    '2001:0:808:808::fefe:fefe',
  ],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '::10.0.0.1',
    '64:ff9b::c0a8:1',
    '2002:a00:1::',
    '2001:0:808:808::f5ff:fffe',
    '2001:0:a00:1::fefe:fefe',
  ],
  never: [
    '0.0.0.0',
    '0.1.2.3',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.8',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0.0.0.0',
    '::127.0.0.1',
    '::a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::1',
    '100::1',
    '2001:db8::1',
    '2001:20::1',
    '2002:7f00:1::',
    // Teredo: the client 127.0.0.1, then the server.
    '2001:0:808:808::80ff:fffe',
    '2001:0:7f00:1::fefe:fefe',
    '3fff::1',
    '5f00::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fe80::1',
    'fe80::a9fe:a9fe',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '127.1',
    '2130706433',
    '',
  ],
};
for (const reach of ['public', 'private', 'never'] as const) {
  for (const address of ADDRESSES[reach]) {
    test(`${JSON.stringify(address)} is ${reach}`, (t) => {
      t.is(reachOf(address), reach);
    });
  }
}

for (const [text, canonical] of [
  ['1.2.3.4', '1.2.3.4'],
  ['0:0:0::1', '::1'],
  ['2A00:01450:0::1', undefined],
  ['2A00:1450:0:0::0001', '2a00:1450::1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::FFFF:7F00:1', '127.0.0.1'],
  ['::127.0.0.1', '::7f00:1'],
  ['fe80::1%1', undefined],
  ['127.1', undefined],
] as const) {
  test(`the one way to write ${text} is ${canonical}`, (t) => {
    t.is(canonicalAddress(text), canonical);
  });
}

test('both addresses of Teredo are carried, and none by an address of its own', (t) => {
  t.deepEqual(carriedIpv4('2001:0:a00:1::fefe:fefe'), ['10.0.0.1', '1.1.1.1']);
  t.deepEqual(carriedIpv4('2a00:1450::7f00:1'), []);
  t.deepEqual(carriedIpv4('1.2.3.4'), []);
});
