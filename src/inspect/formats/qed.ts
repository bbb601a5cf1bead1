import { type DiskFormat, hasText } from '../disk-format.js';

/** QEMU's enhanced disk: abandoned upstream, so never allowed (image-api-v2 section 3.5). */
export const qed: DiskFormat = {
  name: 'qed',
  *read() {
    const magic = yield { offset: 0, length: 4 };
    if (!hasText(magic, 'QED\0')) return undefined;
    return {
      recognised: true,
      virtualSize: () => null,
      violation: { check: 'banned', reason: 'the format is not allowed' },
    };
  },
};
