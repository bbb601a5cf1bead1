import type { Middleware } from 'koa';
import type { Config } from '../config/load.js';
import type { RequestState } from '../http/context.js';
import { serveRepository } from '../http/repository/repository.js';
import { StartupError } from '../process/startup-error.js';
import { PublishedFolder } from '../sync/publish/serve/published-folder.js';

/** The published repository as middleware; none where it is not to be served. Throws StartupError where there is nothing that could be. */
export function buildRepository({ values: { publish } }: Config): Middleware<RequestState>[] {
  const { serve_path: path, target } = publish;
  if (path === null) return [];
  if (target === null || /^[a-z][a-z0-9+.-]*:/i.test(target)) {
    throw new StartupError('serve_path: [publish] target must name a folder: no other repository is served from here.');
  }
  return [serveRepository(path, new PublishedFolder(target))];
}
