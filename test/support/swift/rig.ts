import type { Store } from '../../../src/domain/ports/store.js';
import type { SwiftStoreOptions } from '../../../stores/swift/options.js';
import { createSwiftStore } from '../../../stores/swift/swift-store.js';
import { SwiftDouble } from './double.js';

export const PART_BYTES = 64 * 1024;

export interface SwiftRig {
  readonly double: SwiftDouble;
  readonly store: Store;
  readonly partBytes: number;
  leftovers(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** The options of a store on an account, with v1 authentication, small segments and short patience. */
export function swiftOptions(authAddress: string, changes: Partial<SwiftStoreOptions> = {}): SwiftStoreOptions {
  return {
    access: { version: 1, address: authAddress, user: 'test:tester', key: 'testing' },
    insecure: false,
    endpointInterface: 'public',
    serviceType: 'object-store',
    container: 'glance',
    createContainer: true,
    multiTenant: false,
    seed: 0,
    adminTenants: [],
    largeObjectBytes: 2 * PART_BYTES,
    segmentBytes: PART_BYTES,
    largeObjectType: 'slo',
    resumes: 0,
    expireSoonSeconds: 60,
    limits: { retryMs: 1 },
    ...changes,
  };
}

/** A store on a double of its own. */
export async function swiftRig(changes: Partial<SwiftStoreOptions> = {}): Promise<SwiftRig> {
  const double = await SwiftDouble.start();
  const store = await createSwiftStore(swiftOptions(`${double.url}/auth/v1.0`, changes));
  return {
    double,
    store,
    partBytes: PART_BYTES,
    leftovers: () => double.leftovers(),
    async dispose() {
      await store.close();
      const open = await double.connections();
      await double.stop();
      if (open > 0) throw new Error(`The store left ${open} connections open.`);
    },
  };
}
