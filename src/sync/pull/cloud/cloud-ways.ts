import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, Pool } from 'undici';
import { proxyTunnel } from '../../../net/proxy-tunnel.js';
import { proxyCredentials } from '../../../net/proxy-url.js';

export interface TransportLimits {
  readonly connectMs: number;
  /** Until an answer begins, counted from the last byte of a request that was taken. */
  readonly answerMs: number;
  /** The same after the bytes of an image, which the service hashes and hands on to its store. */
  readonly uploadMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
  /** Before the first repetition of what only reads; each further one waits four times as long. */
  readonly retryMs: number;
  /** Bytes of an answer: a page of the largest images has a tenth of that. */
  readonly mostBytes: number;
}

export const DEFAULT_TRANSPORT_LIMITS: TransportLimits = {
  connectMs: 20_000,
  answerMs: 120_000,
  uploadMs: 1_800_000,
  idleMs: 60_000,
  retryMs: 250,
  mostBytes: 64 * 1024 * 1024,
};

/** The proxies for a service, by scheme. */
export type ProxiesFor = (url: URL) => Readonly<Record<string, URL>>;

interface Outgoing {
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly signal?: AbortSignal;
  readonly headersTimeout?: number;
}

interface CloudTls {
  readonly rejectUnauthorized: boolean;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Connections to the services of a cloud: straight, or by the proxy that there is for one. */
export class CloudWays {
  readonly #direct: Agent;
  readonly #proxied = new Map<string, Dispatcher>();

  /** Connects to nothing yet. */
  constructor(
    private readonly tls: CloudTls,
    private readonly proxiesFor: ProxiesFor,
    private readonly limits: TransportLimits,
  ) {
    this.#direct = new Agent({ ...this.#common(), connect: this.#connect() });
  }

  /** Throws whatever the client throws, and SyncError usage for a proxy that is none. */
  request(url: URL, { headers, ...outgoing }: Outgoing): Promise<Dispatcher.ResponseData> {
    const path = url.pathname + url.search;
    const proxy = this.proxiesFor(url)[url.protocol.slice(0, -1)];
    if (proxy === undefined)
      return this.#direct.request({ ...outgoing, origin: url.origin, path, headers: { ...headers } });
    const way = this.#by(proxy, url.protocol);
    if (url.protocol === 'https:')
      return way.request({ ...outgoing, origin: url.origin, path, headers: { ...headers } });
    // A proxy is asked for the whole URL (RFC 9112 section 3.2.2): few tunnel to services of http.
    const told = { ...headers, host: url.host, ...proxyCredentials(proxy) };
    return way.request({ ...outgoing, origin: proxy.origin, path: url.origin + path, headers: told });
  }

  /** Ends every connection, those in use included. */
  async destroy(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxied.values()].map((way) => way.destroy()));
  }

  #by(proxy: URL, protocol: string): Dispatcher {
    const key = `${protocol} ${proxy.href}`;
    const known = this.#proxied.get(key);
    if (known !== undefined) return known;
    const { connectMs } = this.limits;
    const way =
      protocol === 'https:'
        ? new Agent({ ...this.#common(), connect: proxyTunnel(proxy, { tls: this.tls, connectMs }) })
        : new Pool(proxy.origin, { ...this.#common(), connect: this.#connect() });
    this.#proxied.set(key, way);
    return way;
  }

  #common() {
    const { answerMs, idleMs, mostBytes } = this.limits;
    return { headersTimeout: answerMs, bodyTimeout: idleMs, maxResponseSize: mostBytes };
  }

  #connect() {
    const { connectMs } = this.limits;
    // How long the next address of a host is kept waiting; the usual 250 ms are too few for distant hosts.
    return { ...this.tls, timeout: connectMs, autoSelectFamilyAttemptTimeout: Math.ceil(connectMs / 4) };
  }
}
