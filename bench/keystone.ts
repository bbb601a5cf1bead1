import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'undici';
import { KeystoneDouble } from '../test/support/keystone-double.js';
import { fill, load } from './support/load.js';
import { median, report } from './support/measure.js';
import { createSite, type Site, startServer } from './support/server.js';

// What authentication by Keystone costs: validations per request, and the rate of a page of 25 among 1 000 images on SQLite, for the same
// user with tokens (of a Keystone in this process) and with headers that are believed: node dist/bench/keystone.js
const TOKENS = 100;
const REQUESTS = 10_000;
const RUNS = 3;
const PASTE = `
[pipeline:glance-api-noauth]
pipeline = versionnegotiation context rootapp
[pipeline:glance-api-keystone]
pipeline = versionnegotiation authtoken context rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/v1: apiv1app
/v2: apiv2app
[app:apiv1app]
paste.app_factory = glance.api.v1.router:API.factory
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
`;

async function siteOf(flavor: string, keystone: KeystoneDouble): Promise<Site> {
  const site = await createSite();
  const paste = join(site.folder, 'paste.ini');
  await writeFile(paste, PASTE);
  await appendFile(
    site.config,
    `[paste_deploy]\nflavor = ${flavor}\nconfig_file = ${paste}\n` +
      `[keystone_authtoken]\nauth_url = ${keystone.url}\nusername = glance\npassword = secret\nproject_name = service\n`,
  );
  return site;
}

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

const open = await siteOf('noauth', keystone);
const openServer = await startServer(open);
await fill(openServer.url, 1000);
const without = await rateOf(openServer.url, undefined);
await openServer.stop();

// The same database, so that both list the same images.
await appendFile(open.config, '[paste_deploy]\nflavor = keystone\n');
const server = await startServer(open);
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
await open.remove();
await keystone.stop();
