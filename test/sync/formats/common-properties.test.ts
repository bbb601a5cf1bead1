import test from 'ava';
import { exportCommon, importCommon } from '../../../src/sync/formats/common-properties.js';

const P = 'org.openstack__1__';
const imported = (key: string, value: string) => [...importCommon(new Map([[P + key, value]]))];
const exported = (key: string, value: string) => [...exportCommon(new Map([[key, value]]))];

const ARCHITECTURES: readonly (readonly [common: string, plain: string])[] = [
  ['x64', 'x86_64'],
  ['amd64', 'x86_64'],
  ['AMD64', 'x86_64'],
  ['x86_64', 'x86_64'],
  ['x86', 'i686'],
  ['i386', 'i686'],
  ['arm64', 'aarch64'],
  ['ppc64le', 'ppc64le'],
  ['Weird', 'Weird'],
];
for (const [common, plain] of ARCHITECTURES) {
  test(`the architecture ${common} is imported as ${plain}`, (t) => {
    t.deepEqual(imported('architecture', common), [['architecture', plain]]);
  });
}

const DISTRIBUTIONS: readonly (readonly [domain: string, plain: string])[] = [
  ['debian.org', 'debian'],
  ['org.debian', 'debian'],
  ['ubuntu.com', 'ubuntu'],
  ['com.ubuntu', 'ubuntu'],
  ['org.ubuntu', 'ubuntu'],
  ['com.ubuntu.cloud', 'ubuntu'],
  ['cloud-images.ubuntu.com', 'ubuntu'],
  ['com.canonical', 'ubuntu'],
  ['com.microsoft.server', 'windows'],
  ['microsoft.com', 'windows'],
  ['server.microsoft.com', 'windows'],
  ['com.riverbed.fastwan', 'riverbed'],
  ['org.fedoraproject', 'fedora'],
  ['fedoraproject.org', 'fedora'],
  ['com.redhat', 'rhel'],
  ['redhat.com', 'rhel'],
  ['org.centos', 'centos'],
  ['archlinux.org', 'arch'],
  ['org.archlinux', 'arch'],
  ['rockylinux.org', 'rocky'],
  ['org.almalinux', 'almalinux'],
  ['suse.com', 'sles'],
  ['opensuse.org', 'opensuse'],
  ['talos.dev', 'talos'],
  ['elementary.io', 'elementary'],
  ['io.elementary', 'elementary'],
  ['univention.de', 'univention'],
  ['de.univention', 'univention'],
  ['example.co.uk', 'example'],
  ['uk.co.example', 'example'],
  ['Debian.ORG', 'debian'],
  ['Debian', 'debian'],
  ['debian', 'debian'],
];
for (const [domain, plain] of DISTRIBUTIONS) {
  test(`the distribution ${domain} is imported as ${plain}`, (t) => {
    t.deepEqual(imported('os_distro', domain), [['os_distro', plain]]);
  });
}

test('what is no domain, no day or nothing is not imported', (t) => {
  for (const value of ['', ' ', 'two words', '.', 'org.', '.org', 'a/b', 'é.org']) {
    t.deepEqual(imported('os_distro', value), [], JSON.stringify(value));
  }
  for (const value of ['2012', '20121301', '20120230', '2012-04-25', '00000000', 'yesterday', '201204250']) {
    t.deepEqual(imported('updated_at', value), [], value);
  }
});

test('versions stay, days become ISO dates', (t) => {
  t.deepEqual(imported('os_version', '7.0beta1'), [['os_version', '7.0beta1']]);
  t.deepEqual(imported('updated_at', '20120425'), [['image_build_date', '2012-04-25']]);
  t.deepEqual(imported('updated_at', '20240229'), [['image_build_date', '2024-02-29']]);
  t.deepEqual(imported('packages', 'nginx'), []);
});

test('the other way', (t) => {
  t.deepEqual(exported('architecture', 'x86_64'), [[`${P}architecture`, 'x64']]);
  t.deepEqual(exported('architecture', 'i686'), [[`${P}architecture`, 'x86']]);
  t.deepEqual(exported('architecture', 'aarch64'), [[`${P}architecture`, 'arm64']]);
  t.deepEqual(exported('architecture', 's390x'), [[`${P}architecture`, 's390x']]);
  t.deepEqual(exported('os_distro', 'debian'), [[`${P}os_distro`, 'debian.org']]);
  t.deepEqual(exported('os_distro', 'Ubuntu'), [[`${P}os_distro`, 'ubuntu.com']]);
  t.deepEqual(exported('os_distro', 'windows'), [[`${P}os_distro`, 'microsoft.com']]);
  t.deepEqual(exported('os_distro', 'example.org'), [[`${P}os_distro`, 'example.org']]);
  t.deepEqual(exported('os_distro', 'somebody-s-own'), []);
  t.deepEqual(exported('os_version', '12'), [[`${P}os_version`, '12']]);
  t.deepEqual(exported('image_build_date', '2026-11-20'), [[`${P}updated_at`, '20261120']]);
  t.deepEqual(exported('image_build_date', '20261120'), []);
  t.deepEqual(exported('image_build_date', '2026-11-31'), []);
});

test('what is there already is never touched, in either direction', (t) => {
  const both = new Map([
    ['architecture', 'armv7l'],
    [`${P}architecture`, 'x64'],
    ['os_distro', ''],
    [`${P}os_distro`, 'debian.org'],
  ]);
  t.deepEqual([...importCommon(both)], []);
  t.deepEqual([...exportCommon(both)], []);
});

test('every distribution and architecture that is exported is imported as what it was', (t) => {
  const NAMES = [
    'almalinux',
    'alpine',
    'arch',
    'centos',
    'cirros',
    'debian',
    'fedora',
    'flatcar',
    'freebsd',
    'gardenlinux',
    'gentoo',
  ];
  const MORE = [
    'mandriva',
    'netbsd',
    'openbsd',
    'opensuse',
    'opnsense',
    'oraclelinux',
    'rhel',
    'rocky',
    'sles',
    'talos',
    'ubuntu',
    'windows',
  ];
  for (const distribution of [...NAMES, ...MORE]) {
    const common = exportCommon(new Map([['os_distro', distribution]]));
    t.is(common.size, 1, distribution);
    t.deepEqual([...importCommon(common)], [['os_distro', distribution]]);
  }
  for (const architecture of ['x86_64', 'i686', 'aarch64', 'ppc64le', 's390x', 'riscv64', 'armv7l']) {
    const common = exportCommon(new Map([['architecture', architecture]]));
    t.deepEqual([...importCommon(common)], [['architecture', architecture]]);
  }
});
