import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { keystoneSettings } from '../support/keystone-server.js';
import { doubleOfOwn, type OwnKeystone, realOfOwn } from '../support/own-keystone.js';
import { startOwnPostgres } from '../support/postgres.js';
import { freePort, ServerUnderTest } from '../support/server.js';
import { type V1Answer, V1Client } from '../support/v1-client.js';
import { FORMATS, imageOf, V2Client } from '../support/v2-client.js';

const LANES = 6;
const LEASE_SECONDS = 5;
/** Rounds of every lane, at least. */
const ROUNDS = 5;
const RECOVERY_MS = 60_000;

/** What a server is asked all the time, and what came of it. */
class Load {
  /** Statuses and texts of everything that was refused since the last look. */
  refusals: string[] = [];
  /** Names and bytes of the images whose upload was confirmed. */
  readonly confirmed = new Map<string, string>();
  #serial = 0;

  constructor(readonly client: V2Client) {}

  /** Makes an image, gives it data, looks at it, downloads and lists; each step is noted when it is refused. */
  async round(): Promise<void> {
    this.#serial += 1;
    const name = `image-${this.#serial}`;
    const bytes = name.repeat(2000);
    const made = await this.#ask('POST', '/v2/images', { json: { ...FORMATS, name } });
    if (made.status === 201) {
      const { id } = imageOf(made);
      const stored = await this.#ask('PUT', `/v2/images/${id}/file`, {
        headers: { 'content-type': 'application/octet-stream' },
        body: bytes,
      });
      if (stored.status === 204) this.confirmed.set(id, bytes);
      await this.#ask('GET', `/v2/images/${id}`);
    }
    const [id] = [...this.confirmed.keys()].slice(-1);
    if (id !== undefined) await this.#ask('GET', `/v2/images/${id}/file`);
    await this.#ask('GET', '/v2/images?limit=5');
  }

  /** Whether everything is answered again. */
  async isWell(): Promise<boolean> {
    this.refusals = [];
    await this.round();
    const well = this.refusals.length === 0;
    this.refusals = [];
    return well;
  }

  async #ask(...request: Parameters<V2Client['send']>): Promise<V1Answer> {
    const answer = await this.client.send(...request);
    if (answer.status >= 400) {
      const said = answer.text.replace(/\s+/g, ' ').trim();
      this.refusals.push(`${answer.status} ${answer.headers['retry-after'] ?? '-'} ${said}`);
    }
    return answer;
  }
}

/** Every lane at work until `done`, and each for so many rounds at least. */
function lanes(loads: readonly Load[], done: Promise<unknown>): Promise<unknown> {
  let over = false;
  const end = done.finally(() => {
    over = true;
  });
  return Promise.all([
    end,
    ...loads.map(async (load) => {
      for (let round = 0; round < ROUNDS || !over; round += 1) await load.round();
    }),
  ]);
}

async function recovers(loads: readonly Load[]): Promise<void> {
  const deadline = Date.now() + RECOVERY_MS;
  for (const load of loads) {
    while (!(await load.isWell())) {
      if (Date.now() > deadline) throw new Error('the server does not recover');
      await wait(50);
    }
  }
}

function noRefusals(t: ExecutionContext, loads: readonly Load[], when: string): void {
  t.deepEqual(new Set(loads.flatMap(({ refusals }) => refusals)), new Set(), when);
}

async function killAndRestart(t: ExecutionContext, keystone: OwnKeystone): Promise<void> {
  const postgres = await startOwnPostgres({ durable: true });
  const login = { auth_url: keystone.url, ...keystone.service };
  const server = await ServerUnderTest.start(
    keystoneSettings(login, {
      database: { connection: await postgres.createDatabase() },
      glimpse: { auto_migrate: true, upload_lease: LEASE_SECONDS },
    }),
  );
  t.teardown(async () => {
    server.dispose();
    await postgres.stop();
    await keystone.close();
  });
  const { pid } = server;
  const anyone = new V2Client(new V1Client(() => server.port));
  const loads = (tokens: readonly string[]) => tokens.map((token) => new Load(anyone.as(token)));
  const members = (count: number) => Promise.all(Array.from({ length: count }, () => keystone.token('member')));
  const known = loads(await members(LANES));
  await lanes(known, Promise.resolve());
  noRefusals(t, known, 'before anything happens');

  const strangers = loads(await members(2));
  const admin = anyone.as(await keystone.token('admin'));
  await keystone.kill();
  await lanes([...known, ...strangers], Promise.resolve());
  noRefusals(t, known, 'who was validated before notices nothing');
  t.deepEqual(
    new Set(strangers.flatMap(({ refusals }) => refusals)),
    new Set(['503 5 503 Service Unavailable The Keystone service is temporarily unavailable.']),
  );
  await keystone.restart();
  await recovers(strangers);

  for (let kill = 0; kill < 3; kill += 1) {
    const away = (async () => {
      await wait(100);
      await postgres.kill();
      await wait(500);
      await postgres.restart();
    })();
    await lanes(known, away);
    const refused = new Set(known.flatMap(({ refusals }) => refusals));
    t.true(refused.size > 0, 'nothing was refused: the test shows nothing');
    for (const refusal of refused) t.regex(refusal, /^503 .* The database cannot be reached$/);
    await recovers(known);
  }

  t.is(server.pid, pid);
  const confirmed = new Map([...known, ...strangers].flatMap((load) => [...load.confirmed]));
  for (const [id, bytes] of confirmed) {
    t.is((await admin.show(id)).status, 'active');
    t.is((await admin.get(`/v2/images/${id}/file`)).text, bytes);
  }
  // What was refused half way is taken back, at the latest when its lease has run out.
  const deadline = Date.now() + RECOVERY_MS;
  const strays = async () => {
    const active = await Promise.all(
      server.storedFiles().map(async (id) => ((await admin.show(id)).status === 'active' ? [] : [id])),
    );
    return active.flat();
  };
  while ((await strays()).length > 0 && Date.now() < deadline) await wait(200);
  t.deepEqual(await strays(), []);
  await server.stop();
}

test.serial('Keystone and PostgreSQL are killed and come back under load', async (t) => {
  t.timeout(5 * 60_000);
  await killAndRestart(t, await doubleOfOwn());
});

const { TEST_KEYSTONE_COMMAND: command } = process.env;
if (command) {
  test.serial('the same with a real Keystone', async (t) => {
    t.timeout(10 * 60_000);
    await killAndRestart(t, await realOfOwn(command, await freePort()));
  });
} else {
  test.skip('the same with a real Keystone: TEST_KEYSTONE_COMMAND names none', () => {});
}
