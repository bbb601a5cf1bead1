import { createHash } from 'node:crypto';
import { type WebServer, webServer } from '../suites/store-web-server.js';

/** A web server with one image that may change, with and without a validator, and be away. */
export interface ChangingOrigin {
  readonly web: WebServer;
  /** E.g. `http://127.0.0.1:1234/image` */
  readonly url: string;
  bytes: Buffer;
  /** Whether answers carry an ETag, and conditions are heeded. */
  validates: boolean;
  /** Whether connections are dropped. */
  away: boolean;
  /** How often the bytes were asked for. */
  gets(): number;
  close(): Promise<void>;
}

export async function changingOrigin(bytes: Buffer): Promise<ChangingOrigin> {
  const web = await webServer((request, response) => {
    const { bytes: content } = origin;
    if (origin.away) return request.socket.destroy();
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    if (origin.validates) {
      response.setHeader('ETag', etag);
      const condition = request.headers['if-match'];
      if (condition !== undefined && condition !== etag) return response.writeHead(412).end();
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from !== undefined && to !== undefined) {
      const [start, end] = [Number(from), Math.min(Number(to), content.length - 1)];
      response.writeHead(206, {
        'content-range': `bytes ${start}-${end}/${content.length}`,
        'content-length': end + 1 - start,
      });
      return response.end(content.subarray(start, end + 1));
    }
    response.writeHead(200, { 'content-length': content.length });
    return response.end(request.method === 'HEAD' ? undefined : content);
  });
  const origin: ChangingOrigin = {
    web,
    url: `${web.url}/image`,
    bytes,
    validates: false,
    away: false,
    gets: () => web.requests.filter(({ method }) => method === 'GET').length,
    close: () => web.close(),
  };
  return origin;
}
