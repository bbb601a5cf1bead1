import { lstat, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRegistryError } from '../../domain/errors.js';
import { shownUrl } from '../../net/url-rules.js';
import { codeOf } from '../../stream/file-errors.js';
import { openFile } from '../../stream/open-file.js';
import { SyncError } from '../sync-error.js';
import { guardedBody, tooLarge } from './guarded-body.js';
import { type OriginRules, originOf } from './origins.js';
import type { RateLimit } from './rate-limit.js';
import type { FetchTimes, Transport, Validators } from './transport.js';

export interface FileTransport extends Transport {
  /** Where the file of a URL is; throws SyncError: refused where it lies outside of the source or is no file, unreachable where it is not there. */
  locate(url: URL): Promise<string>;
}

export interface FileTransportOptions {
  readonly origins: OriginRules;
  /** The folder that everything must be in, links followed: an image must not become a way to read other files of this host. */
  readonly root: string;
  readonly times: FetchTimes;
  readonly rate: RateLimit;
}

/** Files of this host. What stands for an ETag is inode, time and size. */
export function fileTransport({ origins, root, times, rate }: FileTransportOptions): FileTransport {
  async function locate(url: URL): Promise<string> {
    originOf(url, origins);
    const path = await realpath(pathOf(url));
    const folder = await realpath(root);
    if (path !== folder && !path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      throw new SyncError('refused', `${shownUrl(url)} lies outside of the source ${folder}`);
    }
    return path;
  }

  const failed = (url: URL, error: unknown): SyncError =>
    new SyncError('unreachable', `${shownUrl(url)} cannot be read (${codeOf(error) || 'it failed'})`, { cause: error });

  return {
    async locate(url) {
      try {
        const path = await locate(url);
        if (!(await lstat(path)).isFile()) throw new SyncError('refused', `${shownUrl(url)} is not a file`);
        return path;
      } catch (error) {
        throw error instanceof SyncError ? error : failed(url, error);
      }
    },
    async open(url, { signal, maxBytes, unless }) {
      const name = shownUrl(url);
      try {
        const path = await locate(url);
        const stat = await lstat(path);
        if (!stat.isFile()) throw new SyncError('refused', `${name} is not a file`);
        const validators: Validators = { etag: `"${stat.ino}-${stat.mtimeMs}-${stat.size}"` };
        if (unless?.etag !== undefined && unless.etag === validators.etag) return { kind: 'unchanged' };
        if (stat.size > maxBytes) throw tooLarge(name, maxBytes);
        const opened = await openFile(path, undefined, signal);
        const close = (): void => void opened.close();
        const guard = { name, start: 0, maxBytes, size: stat.size, rate, signal, close };
        return {
          kind: 'content',
          start: 0,
          size: stat.size,
          validators,
          bytes: guardedBody(opened.bytes, { ...guard, idleMs: times.idleMs, stallBytes: times.stallBytes }),
          close,
        };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (error instanceof SyncError) throw error;
        if (isRegistryError(error, 'not-found') || /^(ENOENT|ENOTDIR)$/.test(codeOf(error))) return { kind: 'absent' };
        throw failed(url, error);
      }
    },
    async close() {},
  };
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new SyncError('refused', `${shownUrl(url)} is no path on this host`, { cause: error });
  }
}
