import { Agent, type Dispatcher, Pool } from 'undici';
import { guardedLookup, type Resolve } from './guarded-connect.js';
import { proxyTunnel } from './proxy-tunnel.js';
import { proxyCredentials } from './proxy-url.js';
import type { UrlRules } from './url-rules.js';

/** How the world is reached. */
export interface WaysOutOptions {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly idleMs: number;
  readonly headerBytes: number;
  /** Certificate authorities (PEM) instead of the usual ones. Where they are given, `insecure` means nothing, as in Glance. */
  readonly ca?: string | undefined;
  /** Takes every certificate. */
  readonly insecure?: boolean | undefined;
  /** Proxies by scheme of the source. */
  readonly proxies?: Readonly<Record<string, URL>> | undefined;
  readonly resolve?: Resolve | undefined;
}

export interface Outgoing {
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What sends the requests for sources: directly to addresses that the rules open, or through the proxy of a scheme. */
export interface WaysOut {
  /** Throws whatever the client throws; what the guard on addresses says is the error or its cause. */
  request(url: URL, outgoing: Outgoing): Promise<Dispatcher.ResponseData>;
  destroy(): Promise<void>;
}

export function waysOut(rules: UrlRules, options: WaysOutOptions): WaysOut {
  const { connectMs } = options;
  const tls = options.ca === undefined ? { rejectUnauthorized: options.insecure !== true } : { ca: options.ca };
  const limits = {
    headersTimeout: options.headersMs,
    bodyTimeout: options.idleMs,
    maxHeaderSize: options.headerBytes,
  };
  const direct = new Agent({
    ...limits,
    connect: {
      ...tls,
      timeout: connectMs,
      lookup: guardedLookup(rules, options.resolve),
      // How long the next address of a host is kept waiting; the usual 250 ms are too few for distant hosts.
      autoSelectFamilyAttemptTimeout: Math.ceil(connectMs / 4),
    },
  });
  const { http, https } = options.proxies ?? {};
  const asking = http && new Pool(http.origin, { ...limits, connect: { ...tls, timeout: connectMs } });
  const tunnel = https && new Agent({ ...limits, connect: proxyTunnel(https, { tls, connectMs }) });
  return {
    request(url, { headers, ...outgoing }) {
      const path = url.pathname + url.search;
      if (http && asking && url.protocol === 'http:') {
        // A proxy is asked for the whole URL (RFC 9112 section 3.2.2): few tunnel to port 80.
        const told = { ...headers, host: url.host, ...proxyCredentials(http) };
        return asking.request({ ...outgoing, path: url.origin + path, headers: told });
      }
      const way = tunnel && url.protocol === 'https:' ? tunnel : direct;
      return way.request({ ...outgoing, origin: url.origin, path, headers: { ...headers } });
    },
    async destroy() {
      await Promise.all([direct, asking, tunnel].map((way) => way?.destroy()));
    },
  };
}
