import test from 'ava';
import { isRegistryError } from '../../../src/domain/errors.js';
import { type Address, parseAddress } from '../../../src/registry/sql/address.js';

const GOOD: Readonly<Record<string, Address>> = {
  'sqlite://': { dialect: 'sqlite' },
  'sqlite:///': { dialect: 'sqlite' },
  'sqlite:///:memory:': { dialect: 'sqlite' },
  'sqlite:///var/glimpse.sqlite': { dialect: 'sqlite', file: 'var/glimpse.sqlite' },
  'sqlite:////var/lib/glance.sqlite?timeout=20': { dialect: 'sqlite', file: '/var/lib/glance.sqlite' },
  'sqlite+pysqlite:///a b': { dialect: 'sqlite', file: 'a b' },
  'postgresql://u:p%40@host:5433/db?sslmode=require': {
    dialect: 'postgresql',
    url: 'postgresql://u:p%40@host:5433/db?sslmode=require',
  },
  'postgresql+psycopg2://u:p@host/db': { dialect: 'postgresql', url: 'postgresql://u:p@host/db' },
  'postgres:///db?host=/run/postgresql': { dialect: 'postgresql', url: 'postgresql:///db?host=/run/postgresql' },
};

for (const [connection, address] of Object.entries(GOOD)) {
  test(`understood: ${connection}`, (t) => t.deepEqual(parseAddress(connection), address));
}

const BAD: Readonly<Record<string, RegExp>> = {
  '': /must be a URL/,
  'glance.sqlite': /must be a URL/,
  'sqlite://glance-secret.sqlite': /three slashes/,
  'mysql+pymysql://glance:secret@host/glance': /kind mysql\+pymysql are not supported/,
  'postgresql://glance:secret@host:port/glance': /not a valid URL/,
};

for (const [connection, said] of Object.entries(BAD)) {
  test(`refused without repeating it: ${connection}`, (t) => {
    const error = t.throws(() => parseAddress(connection));
    t.true(isRegistryError(error, 'invalid'));
    t.regex(error.message, said);
    t.notRegex(`${error.message} ${error.stack} ${String(error.cause)}`, /secret/);
  });
}
