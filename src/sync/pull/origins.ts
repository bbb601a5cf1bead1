import { RegistryError } from '../../domain/errors.js';
import { checkUrl, DEFAULT_URL_RULES, shownUrl, type UrlRules } from '../../net/url-rules.js';
import { SyncError } from '../sync-error.js';

/** Places that a source may lead to when its user allows other origins: public addresses over http and https, whatever the port. */
export const FOREIGN_RULES: UrlRules = { ...DEFAULT_URL_RULES, allowedPorts: [], blockPrivate: true };

/** Who is behind a URL: the source that the user named, or somebody else. */
export type Origin = 'home' | 'foreign';

export interface OriginRules {
  /** The source as the user named it; it may be anywhere. */
  readonly home: URL;
  /** `--allow-cross-origin` */
  readonly allowForeign: boolean;
  /** What foreign origins are held to. */
  readonly foreign?: UrlRules;
}

/**
 * Holds a URL that the source leads to against the rules; `from` is the URL that redirects to it. Another scheme, port or host is another origin.
 * Throws SyncError refused.
 */
export function originOf(url: URL, rules: OriginRules, from?: URL): Origin {
  const leads = from === undefined ? 'The source names' : `${shownUrl(from)} redirects to`;
  if ((from ?? rules.home).protocol === 'https:' && url.protocol === 'http:') {
    throw new SyncError('refused', `${leads} ${shownUrl(url)}: that gives up encryption`);
  }
  if (sameOrigin(url, rules.home)) return 'home';
  if (from !== undefined && url.protocol !== from.protocol && !/^https?:$/.test(url.protocol)) {
    throw new SyncError('refused', `${leads} ${shownUrl(url)}: that is another scheme`);
  }
  if (!rules.allowForeign) {
    throw new SyncError(
      'refused',
      `${leads} ${shownUrl(url)}: that is not the origin ${shownOrigin(rules.home)}, and --allow-cross-origin is not given`,
    );
  }
  try {
    checkUrl(url.href, rules.foreign ?? FOREIGN_RULES);
    return 'foreign';
  } catch (error) {
    const why = error instanceof RegistryError ? error.message : 'that is no URL to read';
    throw new SyncError('refused', `${leads} ${shownUrl(url)}: ${why}`, { cause: error });
  }
}

/** Scheme, host and port are equal. The URL class knows no origin of ftps: and file:. */
export function sameOrigin(one: URL, other: URL): boolean {
  return one.protocol === other.protocol && one.host === other.host;
}

function shownOrigin(url: URL): string {
  return `${url.protocol}//${url.host}`;
}
