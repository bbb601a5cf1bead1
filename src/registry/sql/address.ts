import { RegistryError } from '../../domain/errors.js';

/** Where a database is, as `[database] connection` says. */
export type Address =
  | { readonly dialect: 'sqlite' /** Absent: in memory. */; readonly file?: string }
  | { readonly dialect: 'postgresql' /** Holds the password: never to be logged. */; readonly url: string };

/**
 * Reads a connection string in SQLAlchemy's form: `sqlite:///relative`, `sqlite:////absolute`, `sqlite://` (memory),
 * `postgresql[+driver]://user:password@host:port/database?options`.
 * Throws invalid, without repeating the string: it may hold a password.
 */
export function parseAddress(connection: string): Address {
  const scheme = /^([a-z][a-z0-9+]*):\/\//i.exec(connection)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw new RegistryError('invalid', 'The database connection must be a URL like sqlite:///file or postgresql://...');
  }
  const rest = connection.slice(scheme.length + '://'.length);
  switch (scheme.split('+')[0]) {
    case 'sqlite':
      return sqlite(rest);
    case 'postgresql':
    case 'postgres':
      return postgresql(rest);
    default:
      throw new RegistryError('invalid', `Databases of the kind ${scheme} are not supported: use sqlite or postgresql`);
  }
}

function sqlite(rest: string): Address {
  const path = rest.split('?')[0] ?? '';
  if (path === '' || path === '/' || path === '/:memory:') return { dialect: 'sqlite' };
  if (!path.startsWith('/')) {
    throw new RegistryError('invalid', 'A SQLite connection takes three slashes and a path: sqlite:///glimpse.sqlite');
  }
  return { dialect: 'sqlite', file: path.slice(1) };
}

function postgresql(rest: string): Address {
  const url = `postgresql://${rest}`;
  if (!URL.canParse(url)) {
    throw new RegistryError(
      'invalid',
      'The PostgreSQL connection is not a valid URL (is the password percent-encoded?)',
    );
  }
  return { dialect: 'postgresql', url };
}
