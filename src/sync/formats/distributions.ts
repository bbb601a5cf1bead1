/** Distributions by libosinfo's and Glance's short names, with the domain that stands for them in CommonImageProperties. */
const DOMAINS = new Map([
  ['almalinux', 'almalinux.org'],
  ['alpine', 'alpinelinux.org'],
  ['arch', 'archlinux.org'],
  ['centos', 'centos.org'],
  ['cirros', 'cirros-cloud.net'],
  ['debian', 'debian.org'],
  ['fedora', 'fedoraproject.org'],
  ['flatcar', 'flatcar.org'],
  ['freebsd', 'freebsd.org'],
  ['gardenlinux', 'gardenlinux.io'],
  ['gentoo', 'gentoo.org'],
  ['mandriva', 'mandriva.com'],
  ['netbsd', 'netbsd.org'],
  ['openbsd', 'openbsd.org'],
  ['opensuse', 'opensuse.org'],
  ['opnsense', 'opnsense.org'],
  ['oraclelinux', 'oracle.com'],
  ['rhel', 'redhat.com'],
  ['rocky', 'rockylinux.org'],
  ['sles', 'suse.com'],
  ['talos', 'talos.dev'],
  ['ubuntu', 'ubuntu.com'],
  ['windows', 'microsoft.com'],
]);

/** Labels of domains that are not the short name of what they stand for. */
const LABELS = new Map([
  ['alpinelinux', 'alpine'],
  ['archlinux', 'arch'],
  ['canonical', 'ubuntu'],
  ['cirros-cloud', 'cirros'],
  ['fedoraproject', 'fedora'],
  ['mandrivalinux', 'mandriva'],
  ['microsoft', 'windows'],
  ['oracle', 'oraclelinux'],
  ['redhat', 'rhel'],
  ['rockylinux', 'rocky'],
  ['suse', 'sles'],
]);

const GENERIC = /^(?:com|org|net|edu|gov|int|mil|info|biz|dev|cloud|io)$/;
const COUNTRY = /^[a-z]{2}$/;
/** Below the domains of countries: `example.co.uk`. */
const SECOND_LEVEL = /^(?:co|com|org|net|edu|gov|ac|or|ne|go)$/;
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

/** The domain of a distribution, or undefined for one that is unknown. A name that is a domain already stays. */
export function domainOf(distribution: string): string | undefined {
  return distribution.includes('.') ? distribution : DOMAINS.get(distribution.toLowerCase());
}

/**
 * The short name of a distribution that is given by its domain in either order (`debian.org`, `org.debian`, `com.microsoft.server`):
 * its registered label, or the short name that is known for it. Undefined for what is no domain.
 */
export function distributionOf(domain: string): string | undefined {
  const name = domain.toLowerCase();
  if (!NAME.test(name)) return undefined;
  const label = registeredLabel(name.split('.'));
  return label === undefined || label === '' ? undefined : (LABELS.get(label) ?? label);
}

/** Of labels in either order the one next to the top level. */
function registeredLabel(labels: readonly string[]): string | undefined {
  if (labels.length === 1) return labels[0];
  const reversed = labels.toReversed();
  // A country could as well be a short name, so that the generic domains are looked for at both ends first.
  for (const top of [GENERIC, COUNTRY]) {
    for (const fromTop of [reversed, labels]) {
      const [first = '', second = '', third] = fromTop;
      if (!top.test(first)) continue;
      return top === COUNTRY && third !== undefined && SECOND_LEVEL.test(second) ? third : second;
    }
  }
  return labels.at(-2);
}
