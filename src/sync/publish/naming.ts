import { createHash } from 'node:crypto';
import type { Image } from '../../domain/image.js';

/** What an image is a version of. Each part is a slug: the four make a path and a product name of simplestreams. */
export interface Product {
  readonly os: string;
  readonly release: string;
  /** As Debian names it, which is what readers of simplestreams filter by. */
  readonly architecture: string;
  readonly variant: string;
}

/** Characters of the longest slug: four of them, a serial and a file name stay far below what file systems and lists take. */
const LONGEST_SLUG = 64;

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  x64: 'amd64',
  i686: 'i386',
  i586: 'i386',
  i486: 'i386',
  x86: 'i386',
  aarch64: 'arm64',
  armv7l: 'armhf',
  ppc64le: 'ppc64el',
};

/** Eight digits that can be a day, with a number or a time of the day behind them. */
const DAY = /(?<!\d)20\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:\.\d+|_\d{2}:\d{2})?(?!\d)/g;

/** A name in lower-case letters, digits, dots, underscores and hyphens, as it can stand in paths of any system; '' when nothing of it can. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/-{2,}/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '');
  if (plain.length <= LONGEST_SLUG) return plain;
  return `${plain.slice(0, LONGEST_SLUG - 9).replace(/[-._]+$/, '')}-${shortId(text)}`;
}

/** Eight digits that tell names apart of which a slug keeps too little. */
export function shortId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** The file name of an image, without extensions. Names of which nothing can stand in a path become `image-` and a short id. */
export function stemOf(name: string): string {
  return slug(name) || (name.trim() === '' ? 'image' : `image-${shortId(name)}`);
}

/** What names of versions of one image have in common: the name without the day of its build, in brackets too, as rotation has it. */
export function lineOf(name: string): string {
  return name
    .replace(DAY, ' ')
    .replace(/\(\s*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The product that an image says it is, by its common properties and what its name says beyond them. */
export function productOf(image: Image): Product {
  const read = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = slug(image.properties.get(name) ?? '');
      if (value !== '') return value;
    }
    return '';
  };
  const os = read('os_distro', 'os', 'os_type') || 'other';
  const release = read('os_version', 'release') || 'any';
  const machine = image.properties.get('architecture')?.trim().toLowerCase() ?? '';
  const architecture = (Object.hasOwn(ARCHITECTURES, machine) && ARCHITECTURES[machine]) || slug(machine) || 'any';
  const said = new Set([os, release, architecture, slug(machine)]);
  const words = slug(lineOf(image.name ?? ''))
    .split('-')
    .filter((word) => !said.has(word));
  const rest = slug(words.join('-'));
  const nothing = slug(image.name ?? '') === '' ? stemOf(image.name ?? '') : 'default';
  return { os, release, architecture, variant: read('os_variant') || rest || nothing };
}

/** `os/release/architecture/variant` */
export function folderOf({ os, release, architecture, variant }: Product): string {
  return [os, release, architecture, variant].join('/');
}

/** The day of its build where the image says one, or the mirror did that it came from, else that of its registration, as `YYYYMMDD`. */
export function dayOf(image: Image): string {
  const said = ['version_name', 'image_sync_serial', 'org.openstack__1__updated_at', 'image_build_date', 'build_date'];
  for (const name of said) {
    const [day] = (image.properties.get(name) ?? '').match(DAY) ?? [];
    if (day !== undefined) return day.replaceAll('-', '').slice(0, 8);
  }
  const [inName] = (image.name ?? '').match(DAY) ?? [];
  if (inName !== undefined) return inName.replaceAll('-', '').slice(0, 8);
  return new Date(image.createdAt / 1000).toISOString().slice(0, 10).replaceAll('-', '');
}
