import type { Migration } from './migration.js';

/** What is known of bytes that somebody else keeps, as JSON; NULL for those of the stores themselves. Older servers leave it alone. */
export const externalLocations: Migration = {
  name: '0002-external-locations',
  needs: '0.1.0',
  async up(knex, dialect) {
    const text = dialect === 'postgresql' ? 'TEXT COLLATE "C"' : 'TEXT';
    await knex.schema.raw(`ALTER TABLE image_locations ADD COLUMN external ${text}`);
  },
};
