import { distributionOf, domainOf } from './distributions.js';

/**
 * CommonImageProperties of 2012 against the plain properties that came after them (sync-and-manager section 1.6). Each row translates a
 * value in either direction, or says undefined where the other side has no word for it.
 */
interface Pair {
  readonly common: string;
  readonly plain: string;
  readonly toPlain: (value: string) => string | undefined;
  readonly toCommon: (value: string) => string | undefined;
}

const PREFIX = 'org.openstack__1__';

const same = (value: string) => value;

const TO_PLAIN_ARCHITECTURE = new Map([
  ['x64', 'x86_64'],
  ['amd64', 'x86_64'],
  ['x86', 'i686'],
  ['i386', 'i686'],
  ['arm64', 'aarch64'],
]);
const TO_COMMON_ARCHITECTURE = new Map([
  ['x86_64', 'x64'],
  ['i686', 'x86'],
  ['aarch64', 'arm64'],
]);

const PAIRS: readonly Pair[] = [
  {
    common: `${PREFIX}architecture`,
    plain: 'architecture',
    toPlain: (value) => TO_PLAIN_ARCHITECTURE.get(value.toLowerCase()) ?? value,
    toCommon: (value) => TO_COMMON_ARCHITECTURE.get(value) ?? value,
  },
  { common: `${PREFIX}os_distro`, plain: 'os_distro', toPlain: distributionOf, toCommon: domainOf },
  { common: `${PREFIX}os_version`, plain: 'os_version', toPlain: same, toCommon: same },
  { common: `${PREFIX}updated_at`, plain: 'image_build_date', toPlain: isoDate, toCommon: compactDate },
];

/** The common properties that a publisher can derive from an image's own; those that it has already are left out. */
export function exportCommon(properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return translated(properties, ({ plain, common, toCommon }) => ({ from: plain, to: common, translate: toCommon }));
}

/** The plain properties (`architecture`, `os_distro`, `os_version`, `image_build_date`) that follow from common ones; those that are there already are left out. */
export function importCommon(properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return translated(properties, ({ plain, common, toPlain }) => ({ from: common, to: plain, translate: toPlain }));
}

interface Direction {
  readonly from: string;
  readonly to: string;
  readonly translate: (value: string) => string | undefined;
}

function translated(
  properties: ReadonlyMap<string, string>,
  direction: (pair: Pair) => Direction,
): ReadonlyMap<string, string> {
  const added = new Map<string, string>();
  for (const { from, to, translate } of PAIRS.map(direction)) {
    const value = properties.get(from)?.trim() ?? '';
    const translation = value === '' || properties.has(to) ? undefined : translate(value);
    if (translation !== undefined) added.set(to, translation);
  }
  return added;
}

/** `YYYY-MM-DD` of eight digits that are a day. */
function isoDate(value: string): string | undefined {
  const iso = /^\d{8}$/.test(value) ? `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}` : '';
  return isDay(iso) ? iso : undefined;
}

function compactDate(value: string): string | undefined {
  return isDay(value) ? value.replaceAll('-', '') : undefined;
}

function isDay(iso: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? Date.parse(iso) : Number.NaN;
  // Some engines roll the thirtieth of February over into March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
}
