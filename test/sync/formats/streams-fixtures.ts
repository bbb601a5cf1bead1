/** Small documents in the shape of three publishers' own, with made-up sizes and hashes. */

const hex = (digit: string, digits: number) => digit.repeat(digits);

/** cloud-images.ubuntu.com/releases */
export const UBUNTU_INDEX = {
  index: {
    'com.ubuntu.cloud:released:aws': {
      clouds: [{ endpoint: 'https://ec2.us-east-1.amazonaws.com', region: 'us-east-1' }],
      cloudname: 'aws',
      datatype: 'image-ids',
      format: 'products:1.0',
      path: 'streams/v1/com.ubuntu.cloud:released:aws.json',
      products: ['com.ubuntu.cloud:server:24.04:amd64'],
      updated: 'Tue, 24 Feb 2015 14:14:24 +0000',
    },
    'com.ubuntu.cloud:released:download': {
      datatype: 'image-downloads',
      format: 'products:1.0',
      path: 'streams/v1/com.ubuntu.cloud:released:download.json',
      products: ['com.ubuntu.cloud:server:24.04:amd64', 'com.ubuntu.cloud:server:24.04:arm64'],
      updated: 'Tue, 24 Feb 2015 14:14:24 +0000',
    },
  },
  updated: 'Tue, 24 Feb 2015 14:14:24 +0000',
  format: 'index:1.0',
};

export const UBUNTU_PRODUCTS = {
  aliases: { crsn: { noble: {} } },
  content_id: 'com.ubuntu.cloud:released:download',
  datatype: 'image-downloads',
  format: 'products:1.0',
  license: 'http://www.canonical.com/intellectual-property-policy',
  updated: 'Tue, 24 Feb 2015 14:14:24 +0000',
  products: {
    'com.ubuntu.cloud:server:24.04:amd64': {
      aliases: '24.04,default,lts,n,noble',
      arch: 'amd64',
      os: 'ubuntu',
      release: 'noble',
      release_codename: 'Noble Numbat',
      release_title: '24.04 LTS',
      support_eol: '2029-05-31',
      supported: true,
      version: '24.04',
      versions: {
        '20240423': {
          label: 'release',
          pubname: 'ubuntu-noble-24.04-amd64-server-20240423',
          items: {
            'disk1.img': {
              ftype: 'disk1.img',
              md5: hex('a', 32),
              path: 'server/releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img',
              sha256: hex('b', 64),
              size: 617213952,
            },
            'lxd.tar.xz': {
              combined_squashfs_sha256: hex('c', 64),
              ftype: 'lxd.tar.xz',
              path: 'server/releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64-lxd.tar.xz',
              sha256: hex('d', 64),
              size: 408,
            },
          },
        },
        '20240423.1': { label: 'release', pubname: 'ubuntu-noble-24.04-amd64-server-20240423.1', items: {} },
      },
    },
  },
};

export const UBUNTU_IDS = {
  content_id: 'com.ubuntu.cloud:released:aws',
  datatype: 'image-ids',
  format: 'products:1.0',
  products: {
    'com.ubuntu.cloud:server:24.04:amd64': {
      arch: 'amd64',
      versions: {
        '20240423': {
          items: {
            uee1hvm: { crsn: 'us-east-1', id: 'ami-0123', root_store: 'ssd', virt: 'hvm' },
          },
        },
      },
    },
  },
};

/** images.linuxcontainers.org and other servers for LXD and Incus: no `updated`, requirements as an object. */
export const LXD_INDEX = {
  index: {
    images: {
      datatype: 'image-downloads',
      path: 'streams/v1/images.json',
      format: 'products:1.0',
      products: ['alpine:3.20:amd64:default'],
    },
  },
  format: 'index:1.0',
};

export const LXD_PRODUCTS = {
  content_id: 'images',
  datatype: 'image-downloads',
  format: 'products:1.0',
  products: {
    'alpine:3.20:amd64:default': {
      aliases: 'alpine/3.20/default,alpine/3.20',
      arch: 'amd64',
      os: 'Alpine',
      release: '3.20',
      release_title: '3.20',
      requirements: { secureboot: 'false' },
      variant: 'default',
      versions: {
        '20241105_13:00': {
          items: {
            'incus.tar.xz': {
              combined_rootxz_sha256: hex('1', 64),
              combined_squashfs_sha256: hex('2', 64),
              'combined_disk-kvm-img_sha256': hex('3', 64),
              ftype: 'incus.tar.xz',
              path: 'images/alpine/3.20/amd64/default/20241105_13:00/incus.tar.xz',
              sha256: hex('4', 64),
              size: 876,
            },
            'rootfs.20241104_13:00.vcdiff': {
              delta_base: '20241104_13:00',
              ftype: 'squashfs.vcdiff',
              path: 'images/alpine/3.20/amd64/default/20241105_13:00/delta.20241104_13:00.vcdiff',
              sha256: hex('5', 64),
              size: 131,
            },
          },
        },
      },
    },
  },
};

/** images.maas.io/ephemeral-v3: keys of its own on every level, kernels beside disks. */
export const MAAS_PRODUCTS = {
  content_id: 'com.ubuntu.maas:stable:v3:download',
  datatype: 'image-downloads',
  format: 'products:1.0',
  products: {
    'com.ubuntu.maas.stable:v3:boot:24.04:amd64:ga-24.04': {
      arch: 'amd64',
      arches: 'amd64,hwe-p,hwe-q',
      bootloader: 'grub-efi-signed',
      kflavor: 'generic',
      krel: 'noble',
      label: 'stable',
      os: 'ubuntu',
      release: 'noble',
      subarch: 'ga-24.04',
      support_esm_eol: '2034-04-25',
      version: '24.04',
      versions: {
        '20240423': {
          items: {
            'boot-kernel': {
              ftype: 'boot-kernel',
              kpackage: 'linux-image-generic',
              path: 'noble/amd64/20240423/ga-24.04/generic/boot-kernel',
              sha256: hex('6', 64),
              size: '14981512',
            },
            squashfs: {
              ftype: 'squashfs',
              path: 'noble/amd64/20240423/squashfs',
              sha256: hex('7', 64),
              size: 263979008,
            },
          },
        },
      },
    },
  },
  updated: 'Tue, 23 Apr 2024 12:21:55 +0000',
};
