/** The value under a path of names in something that was JSON; undefined where the path ends early. */
export function inside(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = new Map<string, unknown>(Object.entries(found)).get(name);
  }
  return found;
}

export function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = inside(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function numberIn(value: unknown, ...path: readonly string[]): number | undefined {
  const found = inside(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function listIn(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = inside(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** What a text of JSON says; undefined when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
