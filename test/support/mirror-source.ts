import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { type WebServer, webServer } from '../suites/store-web-server.js';

/** A web server of plain files as a mirror meets it: validators, conditions, ranges, and misbehaviour where a test asks for it. */
export class MirrorSource {
  /** By path without the leading slash. */
  readonly files = new Map<string, Buffer>();
  /** What answers instead, by path. */
  readonly behaviours = new Map<string, RequestListener>();
  /** Whether answers have an ETag, and parts are given. */
  validates = true;
  ranges = true;
  readonly #web: WebServer;

  private constructor(web: WebServer) {
    this.#web = web;
  }

  static async open(tls?: { readonly cert: string; readonly key: string }): Promise<MirrorSource> {
    const hold: { source?: MirrorSource } = {};
    const web = await webServer((request, response) => hold.source?.answer(request, response), tls);
    hold.source = new MirrorSource(web);
    return hold.source;
  }

  /** E.g. `http://127.0.0.1:1234/`. */
  get url(): string {
    return `${this.#web.url}/`;
  }

  get port(): number {
    return this.#web.port;
  }

  /** Paths of the requests so far, oldest first. */
  get requests(): readonly string[] {
    return this.#web.requests.map(({ url = '' }) => decodeURIComponent(url.slice(1)));
  }

  /** The headers of the newest request of a path. */
  headersOf(path: string) {
    return this.#web.requests.findLast(({ url }) => url === `/${path}`)?.headers ?? {};
  }

  put(path: string, content: string | Buffer): void {
    this.files.set(path, Buffer.from(content));
  }

  close(): Promise<void> {
    return this.#web.close();
  }

  readonly answer: RequestListener = (request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1));
    const behave = this.behaviours.get(path);
    if (behave !== undefined) return behave(request, response);
    const content = this.files.get(path);
    if (content === undefined) return void response.writeHead(404).end();
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    if (this.validates) response.setHeader('etag', etag);
    if (this.validates && request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    if (this.ranges && from !== undefined && request.headers['if-range'] === etag && start < content.length) {
      response.writeHead(206, {
        'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
        'content-length': content.length - start,
      });
      return void response.end(content.subarray(start));
    }
    response.writeHead(200, { 'content-length': content.length });
    return void response.end(content);
  };
}
