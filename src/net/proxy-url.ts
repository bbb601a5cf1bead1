import { basicAuthorization } from './basic-authorization.js';

/**
 * The URL of a proxy as Glance's `http_proxy_information` names it: `host:port`, or a URL with credentials if need be.
 * Throws an Error that does not repeat it.
 */
export function proxyUrl(scheme: string, text: string): URL {
  const written = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!['http', 'https'].includes(scheme) || !url?.hostname || !/^https?:$/.test(url.protocol)) {
    throw new Error(`http_proxy_information: '${scheme}' must be http or https, and its proxy host:port.`);
  }
  return url;
}

/** The headers by which a proxy knows its user. */
export function proxyCredentials(proxy: URL): Record<string, string> {
  const value = basicAuthorization(proxy);
  return value === undefined ? {} : { 'proxy-authorization': value };
}
