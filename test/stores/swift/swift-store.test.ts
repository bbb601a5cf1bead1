import { storeSuite } from '../../suites/store.js';
import { swiftRig } from '../../support/swift/rig.js';

storeSuite('Swift, static large objects', () => swiftRig());
storeSuite('Swift, dynamic large objects', () => swiftRig({ largeObjectType: 'dlo' }));
