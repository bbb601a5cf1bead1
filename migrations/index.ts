import type { Knex } from 'knex';
import { images } from './0001-images.js';

/** One step of the schema. Its name is what databases remember: it never changes, nor does its place in the list. */
export interface Migration {
  readonly name: string;
  /** The oldest program version that may use the schema once this step is taken: older servers go on during an upgrade, or stop. */
  readonly needs: string;
  up(knex: Knex, dialect: 'sqlite' | 'postgresql'): Promise<void>;
}

/** In the order in which they are taken. */
export const migrations: readonly Migration[] = [images];
