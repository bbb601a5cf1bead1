import type { Knex } from 'knex';

/** One step of the schema. Its name is what databases remember: it never changes, nor does its place in the list. */
export interface Migration {
  readonly name: string;
  /** The oldest program version that may use the schema once this step is taken: older servers go on during an upgrade, or stop. */
  readonly needs: string;
  up(knex: Knex, dialect: 'sqlite' | 'postgresql'): Promise<void>;
}
