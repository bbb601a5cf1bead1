import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { buildConnector } from 'undici';
import { proxyCredentials } from './proxy-url.js';

/** How TLS peers are verified, and how long a connection may take to come about. */
export interface TunnelOptions {
  readonly tls: { readonly ca: string } | { readonly rejectUnauthorized: boolean };
  readonly connectMs: number;
}

/**
 * Connects to hosts of https through a proxy (CONNECT, RFC 9110 section 9.3.6). The proxy is asked for a host by name.
 * undici's own ProxyAgent asks a proxy that hangs up again and again, without end.
 */
export function proxyTunnel(proxy: URL, { tls, connectMs }: TunnelOptions): buildConnector.connector {
  const secure = buildConnector({ ...tls, timeout: connectMs, allowH2: false });
  const secureProxy = proxy.protocol === 'https:';
  return (target, done) => {
    const authority = `${target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname}:${target.port || 443}`;
    const asked = (secureProxy ? secureRequest : plainRequest)({
      ...tls,
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: proxy.port || (secureProxy ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyCredentials(proxy) },
      agent: false,
      timeout: connectMs,
    });
    asked.once('timeout', () => asked.destroy(new Error('the proxy is silent')));
    asked.once('error', (error) => done(error, null));
    asked.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return secure({ ...target, httpSocket: socket.setTimeout(0) }, done);
      socket.destroy();
      return done(new Error(`the proxy answered with status ${answer.statusCode}`), null);
    });
    asked.end();
  };
}
