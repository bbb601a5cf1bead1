import type { Server } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  createGuardedFetch,
  type FetchAnswer,
  type GuardedFetch,
  type GuardedFetchOptions,
} from '../../src/net/guarded-fetch.js';
import { DEFAULT_URL_RULES, type UrlRules } from '../../src/net/url-rules.js';

/** Rules under which the servers of a test can be reached. */
export const OPEN: UrlRules = {
  ...DEFAULT_URL_RULES,
  allowedHosts: ['127.0.0.1', 'localhost', 'source.test'],
  allowedPorts: [],
};

export const GET = { method: 'GET' } as const;

/** Uses a client, and closes it. */
export async function fetching<T>(
  body: (fetch: GuardedFetch['fetch']) => Promise<T>,
  options: GuardedFetchOptions = {},
  rules = OPEN,
): Promise<T> {
  const guarded = createGuardedFetch(rules, options);
  try {
    return await body(guarded.fetch);
  } finally {
    await guarded.close();
  }
}

export const textOf = (answer: FetchAnswer): Promise<string> => text(answer.body);

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
