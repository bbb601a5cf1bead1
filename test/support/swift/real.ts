import type { SwiftStoreOptions } from '../../../stores/swift/options.js';
import { swiftOptions } from './rig.js';

/** A Swift that the environment names, seen without the driver. */
export interface RealSwift {
  /** The account's name, without its prefix. */
  readonly account: string;
  options(changes: Partial<SwiftStoreOptions>): SwiftStoreOptions;
  /** Names of segments that belong to no object. */
  orphans(container: string): Promise<readonly string[]>;
  /** Removes the container with all that is in it. */
  empty(container: string): Promise<void>;
}

/** Undefined where TEST_SWIFT_AUTH_URL, TEST_SWIFT_USER (`account:user`) and TEST_SWIFT_KEY do not name one. */
export function realSwift(environment: NodeJS.ProcessEnv): RealSwift | undefined {
  const { TEST_SWIFT_AUTH_URL: address, TEST_SWIFT_USER: user, TEST_SWIFT_KEY: key } = environment;
  if (!address || !user || !key) return undefined;
  const request = async (method: string, path: string): Promise<Response> => {
    const login = await fetch(address, { headers: { 'x-auth-user': user, 'x-auth-key': key } });
    const headers = { 'x-auth-token': login.headers.get('x-auth-token') ?? '' };
    return fetch(`${login.headers.get('x-storage-url')}/${path}`, { method, headers });
  };
  const names = async (container: string): Promise<readonly string[]> => {
    const answer = await request('GET', container);
    return answer.status === 200 ? (await answer.text()).split('\n').filter(Boolean) : [];
  };
  return {
    account: user.split(':')[0] ?? '',
    options: (changes) => ({
      ...swiftOptions(address),
      limits: {},
      access: { version: 1, address, user, key },
      ...changes,
    }),
    async orphans(container) {
      const all = await names(container);
      return all.filter((name) => /-\d{5}$/.test(name) && !all.includes(name.replace(/-[0-9a-f]{8}-\d{5}$/, '')));
    },
    async empty(container) {
      for (const name of await names(container)) await request('DELETE', `${container}/${name}`);
      await request('DELETE', container);
    },
  };
}
