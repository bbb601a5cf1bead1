import test from 'ava';
import { parseAddresses } from '../../src/auth/trusted-addresses.js';

const CASES: readonly (readonly [entries: string[], address: string, trusted: boolean])[] = [
  [[], '127.0.0.1', false],
  [['127.0.0.1'], '127.0.0.1', true],
  [['127.0.0.1'], '127.0.0.2', false],
  [['127.0.0.1'], '::ffff:127.0.0.1', true],
  [['127.0.0.1'], '::ffff:7f00:1', true],
  [[' 10.0.0.0/8 '], '10.200.1.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['10.1.2.3/24'], '10.1.2.200', true],
  [['0.0.0.0/0'], '203.0.113.9', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::1'], '::1', true],
  [['::1'], '0:0:0:0:0:0:0:1', true],
  [['fd00::/8'], 'fd12::9', true],
  [['fd00::/8'], 'fe80::1', false],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['::ffff:10.0.0.0/104'], '10.1.1.1', true],
  [['192.0.2.1', '::1'], '::1', true],
  [['::/0'], 'not an address', false],
  [['::/0'], '', false],
];

for (const [entries, address, trusted] of CASES) {
  test(`[${entries.join()}] ${trusted ? 'trusts' : 'does not trust'} "${address}"`, (t) => {
    t.is(parseAddresses(entries)(address), trusted);
  });
}

for (const entry of ['', 'localhost', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '1.2.3']) {
  test(`"${entry}" is refused by name`, (t) => {
    t.throws(() => parseAddresses(['127.0.0.1', entry]), {
      message: `trusted_proxies: "${entry}" is neither an address nor a network such as 10.0.0.0/8`,
    });
  });
}
