import test, { type ExecutionContext } from 'ava';
import type { Identity } from '../../src/auth/identity.js';
import type { IdentitySource } from '../../src/auth/identity-source.js';
import { createKeystone, type KeystoneIdentityOptions } from '../../src/auth/keystone.js';
import { isRegistryError } from '../../src/domain/errors.js';
import { KeystoneDouble } from '../support/keystone-double.js';
import { quietLog } from '../support/quiet-log.js';

const USER = { name: 'glance', domain: { id: 'default' } };
const PASSWORD = { by: 'password', user: USER, password: 'secret', project: { id: 'service' } } as const;

interface Rig {
  readonly keystone: KeystoneDouble;
  readonly lines: string[];
  /** Lets time pass. */
  pass(seconds: number): void;
  /** Who the bearer of these headers is, or of this token. */
  who(headers: Readonly<Record<string, string>> | string): Promise<Identity | undefined>;
}

function withKeystone(
  title: string,
  changes: Partial<KeystoneIdentityOptions>,
  body: (t: ExecutionContext, rig: Rig) => Promise<void>,
): void {
  test(title, async (t) => {
    const keystone = await KeystoneDouble.start();
    const lines: string[] = [];
    let now = Date.now();
    keystone.now = () => now;
    const pass = (seconds: number): void => {
      now += seconds * 1000;
    };
    const source: IdentitySource = createKeystone({
      address: keystone.url,
      publicUrl: 'https://keystone.example.org/v3',
      proof: PASSWORD,
      interface: 'internal',
      region: undefined,
      timeoutMs: 10_000,
      retries: 2,
      retryMs: 1,
      insecure: false,
      delayDecision: true,
      cacheMs: 300_000,
      serviceRoles: ['service'],
      serviceRolesRequired: false,
      log: quietLog(lines),
      now: keystone.now,
      ...changes,
    });
    const who: Rig['who'] = (headers) => {
      const sent = new Map(Object.entries(typeof headers === 'string' ? { 'x-auth-token': headers } : headers));
      return source.identify({ header: (name) => sent.get(name), remoteAddress: '127.0.0.1' });
    };
    try {
      await body(t, { keystone, lines, pass, who });
    } finally {
      await source.close();
      await keystone.stop();
    }
  });
}

/** What is answered while Keystone is out. */
async function isOut(t: ExecutionContext, asking: Promise<unknown>): Promise<void> {
  const error = await t.throwsAsync(asking);
  t.true(isRegistryError(error, 'identity-unavailable'), String(error));
  t.is(error?.message, 'The Keystone service is temporarily unavailable.');
}

withKeystone('a token of a project tells user, project and roles', {}, async (t, { keystone, who }) => {
  const token = keystone.issue({ user: 'u1', project: 'p1', roles: ['member', 'Reader'] });
  const identity = { user: 'u1', tenant: 'p1', roles: ['member', 'Reader'], serviceRoles: [] };
  t.deepEqual(await who(token), identity);
  t.deepEqual(await who({ 'x-storage-token': token }), identity);
  t.deepEqual(await who(` ${token} `), identity);
  t.deepEqual(await who({ 'x-auth-token': token, 'x-roles': 'admin', 'x-identity-status': 'Confirmed' }), identity);
  t.deepEqual([keystone.logins, keystone.asked.length], [1, 1]);
});

withKeystone('a token without a scope has no project and no roles', {}, async (t, { keystone, who }) => {
  t.deepEqual(await who(keystone.issue({ roles: [] })), {
    user: 'u',
    tenant: null,
    roles: [],
    serviceRoles: [],
    unscoped: true,
  });
});

withKeystone('tokens of a domain and of the system open nothing', {}, async (t, { keystone, who }) => {
  for (const scope of [{ domain: { id: 'default' } }, { system: { all: true } }]) {
    const error = await t.throwsAsync(who(keystone.issue({ roles: ['admin'], scope })));
    t.true(isRegistryError(error, 'forbidden'));
  }
});

withKeystone('no token, a bad one and what cannot be one', {}, async (t, { keystone, who }) => {
  t.is(await who({}), undefined);
  t.is(await who(''), undefined);
  t.is(await who({ 'x-identity-status': 'Confirmed', 'x-user-id': 'u', 'x-roles': 'admin' }), undefined);
  for (const token of ['a b', 'a, b', 'ü', 'x\u007f', 'y'.repeat(16385)]) t.is(await who(token), undefined, token);
  t.deepEqual(keystone.asked, [], 'nobody was asked');
  for (let round = 0; round < 3; round += 1) t.is(await who('made-up'), undefined);
  t.deepEqual(keystone.asked, ['made-up'], 'asked once');
});

withKeystone('many requests with one token are one validation', {}, async (t, { keystone, who }) => {
  const token = keystone.issue({ project: 'p' });
  let open = (): void => {};
  keystone.gate = new Promise((resolve) => {
    open = resolve;
  });
  const all = Array.from({ length: 100 }, () => who(token));
  while (keystone.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  open();
  for (const identity of await Promise.all(all)) t.is(identity?.tenant, 'p');
  for (let round = 0; round < 1000; round += 1) await who(token);
  t.deepEqual([keystone.logins, keystone.asked.length], [1, 1]);
});

withKeystone('a revoked token works until it is asked about again', {}, async (t, { keystone, who, pass }) => {
  const token = keystone.issue({ project: 'p' });
  for (const seconds of [0, 299]) {
    pass(seconds);
    t.is((await who(token))?.tenant, 'p');
    keystone.revoke(token);
  }
  pass(1);
  t.is(await who(token), undefined);
  t.is(keystone.asked.length, 2);
});

withKeystone('without a cache every request asks', { cacheMs: 0 }, async (t, { keystone, who }) => {
  const token = keystone.issue({ project: 'p' });
  t.is((await who(token))?.tenant, 'p');
  keystone.revoke(token);
  t.is(await who(token), undefined);
  t.is(await who(token), undefined);
  t.is(keystone.asked.length, 3);
});

withKeystone('a bad token is refused for half a minute', {}, async (t, { keystone, who, pass }) => {
  await who('bad');
  pass(29);
  await who('bad');
  t.is(keystone.asked.length, 1);
  pass(1);
  await who('bad');
  t.is(keystone.asked.length, 2);
});

withKeystone('a token is never good beyond its own end', {}, async (t, { keystone, who, pass }) => {
  const token = keystone.issue({ project: 'p', life: 100 });
  t.is((await who(token))?.tenant, 'p');
  pass(99);
  t.is((await who(token))?.tenant, 'p');
  t.is(keystone.asked.length, 1);
  pass(1);
  t.is(await who(token), undefined);
});

withKeystone('a service’s own token that is refused is replaced', {}, async (t, { keystone, who }) => {
  await who(keystone.issue({ project: 'p' }));
  keystone.revokeService();
  t.is((await who(keystone.issue({ project: 'q' })))?.tenant, 'q');
  t.is(keystone.logins, 2);
});

withKeystone('and replaced before it ends', {}, async (t, { keystone, who, pass }) => {
  keystone.serviceLife = 3600;
  for (const seconds of [0, 3479, 1]) {
    pass(seconds);
    await who(keystone.issue({ project: 'p' }));
  }
  t.is(keystone.logins, 2);
  t.is(keystone.asked.length, 3, 'no validation was refused');
});

withKeystone(
  'an application credential',
  { proof: { by: 'application-credential', credential: { id: 'c1' }, secret: 's1' } },
  async (t, { keystone, who }) => {
    t.is((await who(keystone.issue({ project: 'p' })))?.tenant, 'p');
    t.deepEqual(keystone.loginBodies, [
      {
        auth: {
          identity: { methods: ['application_credential'], application_credential: { id: 'c1', secret: 's1' } },
        },
      },
    ]);
  },
);

withKeystone('a password: the body of the login', {}, async (t, { keystone, who }) => {
  await who(keystone.issue({ project: 'p' }));
  t.deepEqual(keystone.loginBodies, [
    {
      auth: {
        identity: { methods: ['password'], password: { user: { ...USER, password: 'secret' } } },
        scope: { project: { id: 'service' } },
      },
    },
  ]);
  t.deepEqual(keystone.queries, ['?nocatalog']);
});

withKeystone('tokens are validated where the catalog says', { region: 'south' }, async (t, { keystone, who }) => {
  const elsewhere = await KeystoneDouble.start();
  const endpoint = (region: string, name: string, url: string) => ({ region, interface: name, url });
  keystone.catalog = [
    { type: 'image', endpoints: [endpoint('south', 'internal', 'http://127.0.0.1:1/')] },
    {
      type: 'identity',
      endpoints: [
        endpoint('south', 'public', 'http://127.0.0.1:1/v3'),
        endpoint('north', 'internal', 'http://127.0.0.1:1/v3'),
        endpoint('south', 'internal', `${elsewhere.url}/identity/`),
      ],
    },
  ];
  // It knows nobody's service token, and says so: that is asked for twice.
  await isOut(t, who('token'));
  t.deepEqual([keystone.asked.length, elsewhere.asked.length], [0, 2]);
  await elsewhere.stop();
});

for (const [what, login] of [
  ['a wrong password', 401],
  ['a Keystone that fails', 500],
  ['an answer that is none', 'nonsense'],
] as const) {
  withKeystone(`${what} at the login is an outage, and then over`, {}, async (t, { keystone, who, lines }) => {
    keystone.faults.login.push(login);
    const token = keystone.issue({ project: 'p' });
    await isOut(t, who(token));
    t.is((await who(token))?.tenant, 'p');
    t.is(lines.length, 2, 'one line for the outage, one for its end');
  });
}

for (const fault of [500, 403, 429, 'nonsense'] as const) {
  withKeystone(`a validation answered with ${fault} is an outage`, {}, async (t, { keystone, who }) => {
    const good = keystone.issue({ project: 'p' });
    await who(good);
    keystone.faults.validation.push(fault);
    const token = keystone.issue({ project: 'q' });
    await isOut(t, who(token));
    t.is((await who(good))?.tenant, 'p', 'what is known goes on working');
    t.is((await who(token))?.tenant, 'q', 'an outage is not remembered');
  });
}

withKeystone('a connection that breaks is tried again', {}, async (t, { keystone, who }) => {
  keystone.faults.login.push('reset', 'reset');
  keystone.faults.validation.push('reset');
  t.is((await who(keystone.issue({ project: 'p' })))?.tenant, 'p');
  keystone.faults.validation.push('reset', 'reset', 'reset');
  await isOut(t, who(keystone.issue({ project: 'p' })));
});

withKeystone('a silent Keystone is waited for once', { timeoutMs: 1000 }, async (t, { keystone, who }) => {
  keystone.faults.login.push('silence');
  await isOut(t, who(keystone.issue({ project: 'p' })));
  t.is(keystone.logins, 1);
});

withKeystone('Keystone goes and comes', {}, async (t, { keystone, who, lines }) => {
  const [good, other] = [keystone.issue({ project: 'p' }), keystone.issue({ project: 'q' })];
  await who(good);
  await keystone.stop();
  for (let round = 0; round < 3; round += 1) {
    t.is((await who(good))?.tenant, 'p');
    await isOut(t, who(other));
  }
  await keystone.restart();
  t.is((await who(other))?.tenant, 'q');
  t.is(lines.length, 2);
});

withKeystone('a service that asks in a user’s name', {}, async (t, { keystone, who }) => {
  const user = keystone.issue({ project: 'p' });
  const service = keystone.issue({ project: 's', roles: ['service', 'x'] });
  const other = keystone.issue({ project: 's', roles: ['x'] });
  const rolesBeside = async (token: string) =>
    (await who({ 'x-auth-token': user, 'x-service-token': token }))?.serviceRoles;
  t.deepEqual(await rolesBeside(service), ['service', 'x']);
  t.deepEqual(await rolesBeside(other), ['x']);
  t.deepEqual(await rolesBeside('made-up'), []);
  t.is(await who({ 'x-service-token': service }), undefined, 'alone it is nobody');
});

withKeystone('roles of a service, required', { serviceRolesRequired: true }, async (t, { keystone, who }) => {
  const token = keystone.issue({ project: 'p' });
  const service = keystone.issue({ project: 's', roles: ['x'] });
  t.deepEqual((await who({ 'x-auth-token': token, 'x-service-token': service }))?.serviceRoles, []);
});

withKeystone('a user’s token that expired on the way is a service’s to use', {}, async (t, { keystone, who }) => {
  const expired = keystone.issue({ project: 'p', life: -10 });
  const service = keystone.issue({ project: 's', roles: ['service'] });
  const other = keystone.issue({ project: 's', roles: ['x'] });
  t.is(await who(expired), undefined);
  t.is(await who({ 'x-auth-token': expired, 'x-service-token': other }), undefined);
  const both = { 'x-auth-token': expired, 'x-service-token': service };
  for (let round = 0; round < 2; round += 1) t.is((await who(both))?.tenant, 'p');
  t.is(await who(expired), undefined, 'to nobody else');
  t.is(keystone.queries.filter((query) => query.includes('allow_expired')).length, 1);
});

withKeystone('a decision that is not delayed', { delayDecision: false }, async (t, { keystone, who }) => {
  const token = keystone.issue({ project: 'p' });
  t.is((await who(token))?.tenant, 'p');
  for (const headers of [{}, { 'x-auth-token': 'bad' }, { 'x-auth-token': token, 'x-service-token': 'bad' }]) {
    const error = await t.throwsAsync(who(headers));
    t.true(isRegistryError(error, 'unauthenticated'));
    t.is(error?.message, 'The request you have made requires authentication.');
  }
});

withKeystone('no error and no line of the log holds a token or a password', { retries: 0 }, async (t, rig) => {
  const { keystone, who } = rig;
  const token = keystone.issue({ project: 'p' });
  for (const fault of [401, 500, 'nonsense', 'reset'] as const) {
    keystone.faults.login.push(fault);
    const error = await t.throwsAsync(who(token));
    for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
      t.false(`${inner.stack}`.includes(token));
      t.false(`${inner.stack}`.includes('secret'));
    }
  }
  t.false(rig.lines.some((line) => line.includes(token)));
});
