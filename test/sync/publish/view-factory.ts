import { createHash } from 'node:crypto';
import type { Digests } from '../../../src/sync/formats/digests.js';
import type { PublishedFile, PublishedImage, RepositoryView } from '../../../src/sync/publish/repository-view.js';

/** Digests that belong to nothing but this text. */
export function digestsOf(text: string): Digests {
  const digest = (algorithm: string): string => createHash(algorithm).update(text).digest('hex');
  return { md5: digest('md5'), sha256: digest('sha256'), sha512: digest('sha512') };
}

export function aFile(path: string, change: Partial<PublishedFile> = {}): PublishedFile {
  return { path, encoding: 'gzip', size: 331_922_133, digests: digestsOf(path), ...change };
}

/** An image as a publisher would describe it; what matters to a test is set by it. */
export function anImage(change: Partial<PublishedImage> = {}): PublishedImage {
  const { os = 'debian', release = '12', architecture = 'amd64', variant = 'generic', version = '20261120' } = change;
  const stem = `images/${os}/${release}/${architecture}/${variant}/${version}/${os}-${release}-${variant}-${architecture}`;
  return {
    name: 'Debian 12',
    product: `org.example:${os}:${release}:${architecture}:${variant}`,
    version,
    os,
    release,
    architecture,
    variant,
    sets: ['all'],
    size: 448_790_528,
    expanded: digestsOf(`${stem}.qcow2`),
    virtualSize: 2_147_483_648,
    diskFormat: 'qcow2',
    containerFormat: 'bare',
    minDisk: 8,
    minRam: 512,
    files: [aFile(`${stem}.qcow2.gz`)],
    sidecar: `${stem}.properties`,
    properties: new Map([['os_distro', os]]),
    tags: [],
    updatedAt: new Date('2026-11-20T08:15:30Z'),
    ...change,
  };
}

export function aView(change: Partial<RepositoryView> = {}): RepositoryView {
  return {
    publisher: 'Example Images',
    domain: 'images.example.org',
    generation: 7,
    updated: new Date('2026-11-21T06:10:00Z'),
    expires: new Date('2026-12-21T06:10:00Z'),
    baseUrl: 'https://images.example.org/public/',
    keys: {
      fingerprints: ['0123456789ABCDEF0123456789ABCDEF01234567', 'RWQ: 1A2B3C4D5E6F7080'],
      openpgp: 'pubkey.asc',
      minisign: [{ path: 'minisign.pub', key: 'RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3' }],
    },
    sets: [
      {
        name: 'all',
        contentId: 'org.example:released:download',
        products: 'streams/v1/org.example-released-download.json',
        directories: ['sets/all.SHA256SUMS'],
        images: 1,
      },
    ],
    images: [anImage()],
    ...change,
  };
}
