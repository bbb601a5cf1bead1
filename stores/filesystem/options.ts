import { resolve } from 'node:path';

export interface Datadir {
  readonly path: string;
  /** Higher ones are filled first. */
  readonly priority: number;
}

export interface FilesystemStoreOptions {
  /** Name of the store in the configuration; `file` unless there are several. */
  readonly id?: string;
  readonly datadirs: readonly Datadir[];
  /** Mode of image files; read and write for the owner, read for the group, when absent. */
  readonly filePermissions?: number;
  /** `filesystem_store_chunk_size`, which administrators are shown. */
  readonly chunkBytes?: number;
}

/** The options' texts as the configuration has them. */
export interface FilesystemStoreTexts {
  /** `filesystem_store_datadir` */
  readonly datadir?: string | undefined;
  /** `filesystem_store_datadirs`: `/path` or `/path:priority` */
  readonly datadirs?: readonly string[] | undefined;
  /** `filesystem_store_file_perm`: 0 or less leaves the default; octal with a leading 0 or 0o, else decimal as in Glance. */
  readonly filePermissions?: string | number | undefined;
  readonly chunkBytes?: number | undefined;
}

/**
 * Reads the options of `[glance_store]` that concern this store.
 * Throws an Error naming the option that is wrong.
 */
export function parseFilesystemOptions(texts: FilesystemStoreTexts): FilesystemStoreOptions {
  const several = (texts.datadirs ?? []).filter((text) => text.trim() !== '');
  if (several.length > 0 && texts.datadir) {
    throw new Error('Set either filesystem_store_datadir or filesystem_store_datadirs, not both.');
  }
  const datadirs = texts.datadir ? [{ path: resolve(texts.datadir), priority: 0 }] : several.map(parseDatadir);
  if (datadirs.length === 0) throw new Error('Set filesystem_store_datadir: the filesystem store needs a folder.');
  const twice = datadirs.find((a, index) => datadirs.findIndex((b) => b.path === a.path) !== index);
  if (twice) throw new Error(`filesystem_store_datadirs names ${twice.path} twice.`);
  const filePermissions = parsePermissions(texts.filePermissions ?? 0);
  return {
    datadirs,
    ...(filePermissions === undefined ? {} : { filePermissions }),
    ...(texts.chunkBytes === undefined ? {} : { chunkBytes: texts.chunkBytes }),
  };
}

function parseDatadir(text: string): Datadir {
  const [, path, priority] = /^(.*?)(?::([^/:]*))?$/.exec(text.trim()) ?? [];
  if (!path || (priority !== undefined && !/^-?\d+$/.test(priority.trim()))) {
    throw new Error(`filesystem_store_datadirs: '${text}' is not a path or path:priority.`);
  }
  return { path: resolve(path), priority: Number(priority ?? 0) };
}

function parsePermissions(value: string | number): number | undefined {
  const text = String(value).trim();
  const octal = /^0o?([0-7]+)$/.exec(text);
  const mode = octal ? Number.parseInt(octal[1] ?? '', 8) : /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(mode) || mode > 0o777) {
    throw new Error(`filesystem_store_file_perm: '${text}' is not a file mode (0640, or 416 in decimal).`);
  }
  return mode <= 0 ? undefined : mode;
}
