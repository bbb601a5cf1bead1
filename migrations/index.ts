import { images } from './0001-images.js';
import { externalLocations } from './0002-external-locations.js';
import type { Migration } from './migration.js';

/** In the order in which they are taken. */
export const migrations: readonly Migration[] = [images, externalLocations];
