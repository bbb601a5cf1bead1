import { createHmac, randomBytes } from 'node:crypto';
import { RegistryError } from '../domain/errors.js';
import type { Log } from '../domain/ports/log.js';
import { BcryptThread } from './bcrypt-thread.js';
import { HtpasswdFile } from './htpasswd.js';
import type { IdentitySource } from './identity-source.js';
import { EVERYONE } from './none.js';
import { TokenCache } from './token-cache.js';

export interface HttpBasicOptions {
  /** Path of the htpasswd file. */
  readonly file: string;
  /** The role that makes an administrator. */
  readonly adminRole: string;
  readonly log: Log;
}

const REMEMBERED = 1000;
/** How long a comparison is remembered. That is no grace: what is remembered hangs on the hash that the file has now. */
const REMEMBER_MS = 300_000;
/** Compared with where the file is empty. */
const NOBODY = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8Jm2uH4y5F8qNfP1lH6dQj6m2uRr3W';

/**
 * HTTP basic authentication against an htpasswd file (oslo.middleware's basic_auth). The file knows names and passwords, no projects and no roles:
 * as in other services that run so, without Keystone, each of its users is an administrator. Throws Error for a file that cannot be used.
 */
export function createHttpBasic({ file, adminRole, log }: HttpBasicOptions): IdentitySource {
  const passwords = new HtpasswdFile(file, (error) =>
    log.error('the old users stay: the htpasswd file is of no use', { error }),
  );
  const bcrypt = new BcryptThread();
  const secret = randomBytes(32);
  const cache = new TokenCache<true>({
    goodUntil: (_, now) => now + REMEMBER_MS,
    badMs: REMEMBER_MS,
    most: REMEMBERED,
  });
  const roles = [...EVERYONE.roles, adminRole];

  async function knows(user: string, password: string): Promise<boolean> {
    const users = passwords.users();
    const hash = users.get(user);
    // An answer takes as long where there is no such user.
    const compared = hash ?? [...users.values()][0] ?? NOBODY;
    // What would open the door is kept nowhere, only what nobody can make without this process's secret.
    const key = createHmac('sha256', secret)
      .update(JSON.stringify([user, password, hash ?? '']))
      .digest('base64');
    const same = await cache.get(key, async () =>
      (await bcrypt.compare({ password, hash: compared })) ? true : undefined,
    );
    return same === true && hash !== undefined;
  }

  return {
    challenge: 'Basic realm="Images", charset="UTF-8"',
    async identify(credentials) {
      const header = credentials.header('authorization');
      if (header === undefined) return undefined;
      const [user, password] = userAndPassword(header) ?? [];
      if (user === undefined || password === undefined || !(await knows(user, password))) {
        throw new RegistryError('unauthenticated', '');
      }
      return { user, tenant: null, roles };
    },
    close: () => bcrypt.close(),
  };
}

/** Undefined for a header of another form. */
function userAndPassword(header: string): readonly [string, string] | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim())?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
