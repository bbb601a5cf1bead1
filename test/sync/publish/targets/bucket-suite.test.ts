import { repositoryTargetSuite } from '../../../suites/repository-target.js';
import { bucketRig } from './bucket-rig.js';

repositoryTargetSuite('a bucket', () => bucketRig());
repositoryTargetSuite('a bucket whose service knows no conditions', () => bucketRig({ conditions: 'not-implemented' }));
repositoryTargetSuite('a bucket whose service passes conditions over', () => bucketRig({ conditions: 'ignored' }));
