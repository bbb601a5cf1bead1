import { proxyUrl } from '../../net/proxy-url.js';
import { hostOf } from '../../net/url-rules.js';
import { SyncError } from '../sync-error.js';

/** The proxies of the environment for a host, by scheme, as curl reads it; none for hosts of `no_proxy`. Throws SyncError usage. */
export function proxiesOf(url: URL, env: NodeJS.ProcessEnv): Readonly<Record<string, URL>> {
  const host = hostOf(url);
  const direct = (env.no_proxy || env.NO_PROXY || '').split(',').map((name) =>
    name
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, ''),
  );
  if (direct.some((name) => name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`))))) return {};
  // Upper case HTTP_PROXY can come from the headers of a request where a web server runs programs: nobody reads it.
  const found = { http: env.http_proxy, https: env.https_proxy || env.HTTPS_PROXY };
  return Object.fromEntries(
    Object.entries(found).flatMap(([scheme, text]) => {
      if (text === undefined || text === '') return [];
      try {
        return [[scheme, proxyUrl(scheme, text)] as const];
      } catch (error) {
        throw new SyncError('usage', `${scheme}_proxy must be host:port or the URL of a proxy`, { cause: error });
      }
    }),
  );
}
