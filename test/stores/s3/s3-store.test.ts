import { storeSuite } from '../../suites/store.js';
import { doubleRig, PART_BYTES } from './double-rig.js';

storeSuite('s3, on a double', () => doubleRig());
storeSuite('s3, one request for everything that fits into a part', () =>
  doubleRig({ largeObjectBytes: 100 * PART_BYTES }, { conditions: 'ignored' }),
);
