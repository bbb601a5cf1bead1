import { appendFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { KeystoneDouble } from '../test/support/keystone-double.js';
import { fill, load } from './support/load.js';
import { median, report } from './support/measure.js';
import { createSite, startServer } from './support/server.js';

// What authentication by Keystone costs: validations per request, and the rate of a page of 25 among 1 000 images on SQLite, for the same
// user with tokens (of a Keystone in this process) and with headers that are believed: node dist/bench/keystone.js
const TOKENS = 100;
const REQUESTS = 10_000;
const RUNS = 3;
const PASTE = fileURLToPath(new URL('../../test/support/glance-api-paste.ini', import.meta.url));

/** The median rate of a page, after one run to warm up. */
async function rateOf(
  url: string,
  headersOf: ((round: number) => Record<string, string>) | undefined,
): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const page = await load(url, (round) => ({
      method: 'GET',
      path: '/v2/images?limit=25',
      ...(headersOf && { headers: headersOf(round) }),
    }));
    if (run > 0) rates.push(page.rate);
  }
  return median(rates);
}

const keystone = await KeystoneDouble.start();
const issue = (): string => keystone.issue({ user: 'bench', project: 'bench', roles: ['admin', 'member', 'reader'] });

const site = await createSite();
const flavored = (flavor: string) => appendFile(site.config, `[paste_deploy]\nflavor = ${flavor}\n`);
await appendFile(
  site.config,
  `[paste_deploy]\nconfig_file = ${PASTE}\n` +
    `[keystone_authtoken]\nauth_url = ${keystone.url}\nusername = glance\npassword = secret\nproject_name = service\n`,
);
await flavored('noauth');
const openServer = await startServer(site);
await fill(openServer.url, 1000);
const without = await rateOf(openServer.url, undefined);
await openServer.stop();

// The same database, so that both list the same images.
await flavored('keystone');
const server = await startServer(site);
const one = { 'x-auth-token': issue() };
const pool = new Pool(server.url, { connections: 8, pipelining: 1 });
let sent = 0;
const lane = async (): Promise<void> => {
  while (sent < REQUESTS) {
    sent += 1;
    const answer = await pool.request({ method: 'GET', path: '/v2/schemas/image', headers: one });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`answered with ${answer.statusCode}`);
  }
};
await Promise.all(Array.from({ length: 8 }, lane));
await pool.close();
report(`validations for ${sent} requests with one token`, keystone.asked.length, '', { atMost: 1 });

const tokens = Array.from({ length: TOKENS }, issue);
const within = await rateOf(server.url, (round) => ({ 'x-auth-token': tokens[round % TOKENS] ?? '' }));
console.log(
  `     page of 25 at 8 connections: ${without.toFixed(0)}/s without, ${within.toFixed(0)}/s with ${TOKENS} tokens`,
);
report('with tokens, relative to without', within / without, '', { atLeast: 0.7 });
report(`validations of ${TOKENS} tokens`, keystone.asked.length - 1, '', { atMost: TOKENS });
await server.stop();
await site.remove();
await keystone.stop();
