import { createHash } from 'node:crypto';

/** An object of the double; `segments` makes it a static, `prefix` a dynamic large object. Paths read `account/container/object`. */
export interface DoubleObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly segments?: readonly string[];
  readonly prefix?: string;
}

/** Accounts, containers and objects, as Swift's large objects make them one. */
export class Objects {
  readonly containers = new Map<string, Readonly<Record<string, string>>>();
  readonly #objects = new Map<string, DoubleObject>();

  get(path: string): DoubleObject | undefined {
    return this.#objects.get(path);
  }

  set(path: string, object: DoubleObject): void {
    this.#objects.set(path, object);
  }

  delete(path: string): boolean {
    return this.#objects.delete(path);
  }

  /** Names of objects, or of containers for an account, in Swift's order. */
  names(folder: string, prefix = '', marker = '', limit = 10_000): string[] {
    const all = folder.includes('/') ? [...this.#objects.keys()] : [...this.containers.keys()];
    return all
      .filter((path) => path.startsWith(`${folder}/${prefix}`))
      .map((path) => path.slice(folder.length + 1))
      .filter((name) => name > marker)
      .sort()
      .slice(0, limit);
  }

  /** The paths that make up a large object; undefined for any other. */
  parts(object: DoubleObject): readonly string[] | undefined {
    if (object.segments) return object.segments;
    if (object.prefix === undefined) return undefined;
    const [, folder = '', prefix] = /^([^/]+\/[^/]+)\/(.*)$/.exec(object.prefix) ?? [];
    return this.names(folder, prefix).map((name) => `${folder}/${name}`);
  }

  /** What a reader sees; undefined when a segment is missing. */
  seen(object: DoubleObject): { readonly bytes: Buffer; readonly etag: string } | undefined {
    const parts = this.parts(object);
    if (!parts) return object;
    const found = parts.flatMap((path) => this.#objects.get(path) ?? []);
    if (found.length < parts.length) return undefined;
    return {
      bytes: Buffer.concat(found.map(({ bytes }) => bytes)),
      etag: `"${md5(found.map(({ etag }) => etag).join(''))}"`,
    };
  }

  /** Segments that no manifest names. */
  orphans(): string[] {
    const named = new Set([...this.#objects.values()].flatMap((object) => this.parts(object) ?? []));
    return [...this.#objects.keys()].filter((path) => /-\d{5}$/.test(path) && !named.has(path));
  }
}

export function md5(bytes: string | Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
