import test from 'ava';
import { imageRegistrySuite } from '../suites/image-registry.js';
import { imageListSuite } from '../suites/image-registry-lists.js';
import { memberRegistrySuite } from '../suites/member-registry.js';
import { storageQuotaSuite } from '../suites/storage-quota.js';
import { uploadLeasesSuite } from '../suites/upload-leases.js';
import { openPostgres, stopPostgres } from '../support/databases.js';

test.after.always(stopPostgres);
for (const suite of [imageRegistrySuite, imageListSuite, memberRegistrySuite, storageQuotaSuite, uploadLeasesSuite]) {
  suite(test, openPostgres);
}
