import type { Metrics } from '../../domain/ports/metrics.js';
import type { Store } from '../../domain/ports/store.js';

/** The port, with a clock around each call of its methods but those of `unclocked`: from the call until the promise settles. */
function measured<T extends object>(
  port: T,
  begin: (operation: string) => () => void,
  unclocked: ReadonlySet<string> = new Set(),
): T {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string' || unclocked.has(name)) return value;
      return (...args: readonly unknown[]): unknown => {
        const end = begin(name);
        let answer: unknown;
        try {
          answer = Reflect.apply(value, target, args);
        } finally {
          if (!(answer instanceof Promise)) end();
        }
        return answer instanceof Promise ? answer.finally(end) : answer;
      };
    },
  });
}

/** What a store answers by looking at a location alone: lists ask it for every image. */
const AT_ONCE: ReadonlySet<string> = new Set(['owns', 'filePath'] satisfies (keyof Store)[]);

/** The stores, measured; the very same ones where there are no metrics. */
export function measuredStores(stores: readonly Store[], metrics: Metrics | undefined): readonly Store[] {
  if (metrics === undefined) return stores;
  return stores.map((store) => measured(store, (operation) => metrics.storeCall(store.id, operation), AT_ONCE));
}

/** The registry, each of its ports measured under its name; the very same one where there are no metrics. */
export function measuredRegistry<R extends object>(registry: R, metrics: Metrics | undefined): R {
  if (metrics === undefined) return registry;
  return new Proxy(registry, {
    get(target, port) {
      const value: unknown = Reflect.get(target, port, target);
      if (typeof value !== 'object' || value === null) return value;
      return measured(value, (operation) => metrics.databaseCall(`${String(port)}.${operation}`));
    },
  });
}
