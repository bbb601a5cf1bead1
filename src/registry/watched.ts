import type { ImageRegistry } from '../domain/ports/images.js';
import type { Registry } from './open.js';

const WRITES: ReadonlySet<string> = new Set(['add', 'change', 'delete'] satisfies (keyof ImageRegistry)[]);

/** The registry, which tells `onChange` of every image that was added, changed or deleted through it. */
export function watchedRegistry(registry: Registry, onChange: () => void): Registry {
  const images = new Proxy(registry.images, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (typeof name !== 'string' || !WRITES.has(name)) return value.bind(target);
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const answer: unknown = await Reflect.apply(value, target, args);
        onChange();
        return answer;
      };
    },
  });
  return {
    images,
    members: registry.members,
    quotas: registry.quotas,
    leases: registry.leases,
    close: () => registry.close(),
  };
}
