import { createServer, type Socket } from 'node:net';

/**
 * A process that answers S3 requests as fast as memory lets it: keeps the sizes of objects and forgets their bytes, and reads every object
 * as the same bytes over and over. It looks at no signature, and its ETags are no digests. Prints its port.
 */
const PIECE = Buffer.alloc(1024 * 1024, 'every byte of every object. ');

interface Kept {
  readonly size: number;
  readonly mark: string;
}
const objects = new Map<string, Kept>();
const uploads = new Map<string, { size: number; readonly mark: string }>();

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: string;
  /** Bytes of the body. */
  readonly length: number;
}

function parse(head: string): Request {
  const [, method = '', target = ''] = /^(\S+) (\S+)/.exec(head) ?? [];
  const { pathname, searchParams } = new URL(target, 'http://sink');
  return {
    method,
    path: pathname,
    query: searchParams,
    headers: head,
    length: Number(header(head, 'content-length') ?? 0),
  };
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\\r$`, 'im').exec(head)?.[1];
}

/** Status, headers and the bytes of the object that follow. */
function answer({ method, path, query, headers, length }: Request): { head: string; from?: number; count?: number } {
  const id = query.get('uploadId') ?? '';
  const mark = header(headers, 'x-amz-meta-glimpse-upload') ?? '';
  const plain = (status: string, body = '', more = ''): { head: string } => ({
    head: `HTTP/1.1 ${status}\r\n${more}content-length: ${body.length}\r\n\r\n${body}`,
  });
  if (method === 'POST' && query.has('uploads')) {
    const made = `u${uploads.size}`;
    uploads.set(made, { size: 0, mark });
    return plain(
      '200 OK',
      `<InitiateMultipartUploadResult><UploadId>${made}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  const upload = uploads.get(id);
  if (method === 'POST' && upload) {
    objects.set(path, upload);
    return plain('200 OK', '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }
  if (method === 'PUT') {
    if (upload) upload.size += length;
    else objects.set(path, { size: length, mark });
    return plain('200 OK', '', 'etag: "sink-1"\r\n');
  }
  const object = objects.get(path);
  if (method === 'DELETE') {
    objects.delete(path);
    return plain('204 No Content');
  }
  if (!object) return plain('404 Not Found');
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header(headers, 'range') ?? '') ?? [];
  const from = Number(first ?? 0);
  const end = Math.min(object.size, last ? Number(last) + 1 : object.size);
  const status = first === undefined ? '200 OK' : '206 Partial Content';
  const range = first === undefined ? '' : `content-range: bytes ${from}-${end - 1}/${object.size}\r\n`;
  const about = `etag: "sink-1"\r\nx-amz-meta-glimpse-upload: ${object.mark}\r\n${range}`;
  const head = `HTTP/1.1 ${status}\r\n${about}content-length: ${end - from}\r\n\r\n`;
  return method === 'HEAD' ? { head } : { head, from, count: end - from };
}

/** One connection, one request after the other. */
class Connection {
  readonly #socket: Socket;
  #head = '';
  #request: Request | undefined;
  #missing = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  take(bytes: Buffer): void {
    if (this.#request) {
      this.#missing -= bytes.length;
    } else {
      this.#head += bytes.toString('latin1');
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#request = parse(this.#head.slice(0, end + 2));
      this.#missing = this.#request.length - (this.#head.length - end - 4);
      this.#head = '';
    }
    if (this.#missing > 0) return;
    const { head, from, count } = answer(this.#request);
    this.#request = undefined;
    this.#socket.write(head, 'latin1');
    if (count !== undefined) this.#send(from ?? 0, count);
  }

  #send(from: number, left: number): void {
    if (left === 0 || this.#socket.destroyed) return;
    const at = from % PIECE.length;
    const piece = PIECE.subarray(at, at + left);
    this.#socket.write(piece, () => this.#send(from + piece.length, left - piece.length));
  }
}

const server = createServer({ highWaterMark: PIECE.length }, (socket) => {
  const connection = new Connection(socket);
  socket.on('data', (bytes) => connection.take(bytes)).on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address ? address.port : 0);
});
process.on('SIGTERM', () => process.exit(0));
