import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Answer, bare, objectAnswer, refusal, send, xml } from './answers.js';
import { Bucket, etagOf, type StoredObject } from './bucket.js';
import { breakAfter, type Fault, Faults, type Operation, reset } from './faults.js';
import { parseRequest, type S3Request } from './request.js';

export const ACCESS_KEY = 'double-access';
export const SECRET_KEY = 'double/secret+key';

export interface DoubleOptions {
  /** Buckets that are there from the start. */
  readonly buckets?: readonly string[];
  /** Bytes that a part which is not the last must have. */
  readonly smallestPart?: number;
  /** Entries of one page of a list. */
  readonly page?: number;
  /** How the service takes If-None-Match on a write. */
  readonly conditions?: 'kept' | 'ignored' | 'not-implemented';
}

/** Enough of an S3 service, on a port of its own, to see what a client does when the service fails. */
export class S3Double {
  readonly faults = new Faults();
  readonly buckets = new Map<string, Bucket>();
  /** Operations so far, oldest first. */
  readonly log: Operation[] = [];
  /** The same with the keys that they concern. */
  readonly asked: { readonly operation: Operation; readonly key: string }[] = [];
  /** Requests that were under way at once, at most. */
  most = 0;
  /** How the last request was signed. */
  authorization = '';
  readonly #options: DoubleOptions;
  readonly #sockets = new Set<Socket>();
  readonly #pending = new Set<ServerResponse>();
  readonly #waiting: (() => void)[] = [];
  #wake: () => void = () => {};
  #server: Server | undefined;
  #port = 0;

  private constructor(options: DoubleOptions) {
    this.#options = options;
    for (const name of options.buckets ?? []) this.buckets.set(name, new Bucket());
  }

  static async start(options: DoubleOptions = {}): Promise<S3Double> {
    const double = new S3Double(options);
    await double.resume();
    return double;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new Error(`There is no bucket ${name}.`);
    return bucket;
  }

  /** Goes away: breaks every connection and listens no more. What is stored stays. */
  async halt(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) reset(socket);
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Comes back on the same port. */
  async resume(): Promise<void> {
    const server = createServer((request, response) => {
      this.#pending.add(response);
      this.most = Math.max(this.most, this.#pending.size);
      response.on('close', () => {
        this.#pending.delete(response);
        this.#wake();
      });
      // A request of a client that went away is nobody's loss.
      void this.#serve(request, response).catch(() => response.destroy());
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          this.#sockets.delete(socket);
          this.#wake();
        });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    this.#port = typeof address === 'object' && address ? address.port : 0;
    this.#server = server;
  }

  /** Resolves when no request is under way. */
  async quiet(): Promise<void> {
    await this.#until(() => this.#pending.size === 0);
  }

  /** Resolves when no connection is open. */
  async unconnected(): Promise<void> {
    await this.#until(() => this.#sockets.size === 0);
  }

  /** Resolves when so many requests wait to proceed. */
  async waiting(count: number): Promise<void> {
    await this.#until(() => this.#waiting.length >= count);
  }

  /** Lets those proceed that wait. */
  proceed(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#wake();
    });
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = parseRequest(message, this.host);
    if (!request) return void response.writeHead(501).end();
    this.log.push(request.operation);
    this.asked.push({ operation: request.operation, key: request.key });
    const fault = this.faults.next(request.operation);
    if (fault?.kind === 'reset-request') return breakAfter(message, fault.after);
    // A connection that is not read does not notice the client's leaving.
    if (fault?.kind === 'silence') return void message.resume();
    const body = await buffer(message);
    if (fault?.kind === 'wait') await this.#wait();
    const answer = this.#answer(request, body, fault);
    if (fault?.kind === 'lose-answer') return void reset(message.socket);
    await send(response, answer, request, fault);
  }

  #answer(request: S3Request, body: Buffer, fault: Fault | undefined): Answer {
    if (fault?.kind === 'refuse') return refusal(fault.status, fault.code);
    if (fault?.kind === 'error-in-200') return refusal(200, fault.code);
    return this.#signed(request) ? this.#act(request, body, fault) : refusal(403, 'InvalidAccessKeyId');
  }

  /** Presence of a signature by the right key; whether it is right only a real service can tell. */
  #signed({ header, query }: S3Request): boolean {
    this.authorization = header('authorization') ?? '';
    const credential =
      /Credential=([^/]+)\//.exec(this.authorization)?.[1] ?? query.get('X-Amz-Credential')?.split('/')[0];
    return credential === ACCESS_KEY;
  }

  #act(request: S3Request, body: Buffer, fault: Fault | undefined): Answer {
    const { operation, key, query, metadata } = request;
    if (operation === 'CreateBucket') {
      if (this.buckets.has(request.bucket)) return refusal(409, 'BucketAlreadyOwnedByYou');
      this.buckets.set(request.bucket, new Bucket());
      return bare(200);
    }
    const bucket = this.buckets.get(request.bucket);
    if (!bucket) return refusal(404, 'NoSuchBucket');
    const object = bucket.objects.get(key);
    const upload = bucket.uploads.get(query.get('uploadId') ?? '');
    if (query.has('uploadId') && upload?.key !== key) return refusal(404, 'NoSuchUpload');
    switch (operation) {
      case 'HeadObject':
      case 'GetObject':
        return object ? objectAnswer(request, object, fault) : refusal(404, 'NoSuchKey');
      case 'PutObject': {
        const refused = this.#refused(request, object);
        if (refused) return refused;
        const bytes = kept(body, fault);
        bucket.objects.set(key, { bytes, etag: etagOf(bytes), metadata, modified: new Date() });
        return bare(200, { etag: told(bytes, fault) });
      }
      case 'CopyObject': {
        const source = this.#source(request);
        if (!source) return refusal(404, 'NoSuchKey');
        const bytes = kept(source, fault);
        bucket.objects.set(key, { bytes, etag: etagOf(bytes), metadata, modified: new Date() });
        return xml(200, 'CopyObjectResult', `<ETag>${etagOf(bytes)}</ETag>`);
      }
      case 'UploadPartCopy': {
        const source = this.#source(request);
        if (!source) return refusal(404, 'NoSuchKey');
        const bytes = kept(source, fault);
        upload?.parts.set(Number(query.get('partNumber')), { bytes, etag: etagOf(bytes) });
        return xml(200, 'CopyPartResult', `<ETag>${etagOf(bytes)}</ETag>`);
      }
      case 'DeleteObject':
        bucket.objects.delete(key);
        return bare(204);
      case 'CreateMultipartUpload': {
        const { id } = bucket.begin(key, metadata);
        return xml(200, 'InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`);
      }
      case 'UploadPart': {
        const bytes = kept(body, fault);
        upload?.parts.set(Number(query.get('partNumber')), { bytes, etag: etagOf(bytes) });
        return bare(200, { etag: told(bytes, fault) });
      }
      case 'CompleteMultipartUpload': {
        if (!upload) return refusal(404, 'NoSuchUpload');
        const refused = this.#refused(request, object);
        if (refused) return refused;
        const wrong = bucket.complete(upload, partsIn(body.toString()), this.#options.smallestPart ?? 0);
        if (wrong) return refusal(400, wrong);
        return xml(200, 'CompleteMultipartUploadResult', `<Key>${key}</Key>`);
      }
      case 'AbortMultipartUpload':
        bucket.uploads.delete(upload?.id ?? '');
        return bare(204);
      case 'ListMultipartUploads':
        return this.#listUploads(bucket, request);
      case 'ListObjectsV2':
        return this.#listObjects(bucket, request);
    }
  }

  #refused({ header }: S3Request, object: StoredObject | undefined): Answer | undefined {
    const [free, same] = [header('if-none-match') === '*', header('if-match')];
    if (!free && same === undefined) return undefined;
    const { conditions = 'kept' } = this.#options;
    if (conditions === 'not-implemented') return refusal(501, 'NotImplemented');
    const met = free ? object === undefined : object?.etag === same;
    return conditions === 'kept' && !met ? refusal(412, 'PreconditionFailed') : undefined;
  }

  /** The bytes that are to be copied, or the range of them. */
  #source({ header }: S3Request): Buffer | undefined {
    const [, bucket = '', key = ''] =
      /^\/?([^/]+)\/(.*)$/s.exec(decodeURIComponent(header('x-amz-copy-source') ?? '')) ?? [];
    const bytes = this.buckets.get(bucket)?.objects.get(key)?.bytes;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header('x-amz-copy-source-range') ?? '') ?? [];
    return first === undefined ? bytes : bytes?.subarray(Number(first), Number(last) + 1);
  }

  #listUploads(bucket: Bucket, { query }: S3Request): Answer {
    const after = `${query.get('key-marker') ?? ''} ${query.get('upload-id-marker') ?? ''}`;
    const all = [...bucket.uploads.values()]
      .filter(({ key }) => key.startsWith(query.get('prefix') ?? ''))
      .toSorted((a, b) => (`${a.key} ${a.id}` < `${b.key} ${b.id}` ? -1 : 1))
      .filter(({ key, id }) => `${key} ${id}` > after);
    const page = all.slice(0, this.#options.page ?? 1000);
    const last = page.at(-1);
    const next =
      all.length > page.length && last
        ? `<NextKeyMarker>${last.key}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
        : '';
    const entries = page.map(({ key, id }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`).join('');
    return xml(200, 'ListMultipartUploadsResult', `<IsTruncated>${next !== ''}</IsTruncated>${next}${entries}`);
  }

  #listObjects(bucket: Bucket, { query }: S3Request): Answer {
    const all = [...bucket.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? ''))
      .toSorted()
      .filter((key) => key > (query.get('continuation-token') ?? ''));
    const page = all.slice(0, this.#options.page ?? 1000);
    const next = all.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    const sizeOf = (key: string): number => bucket.objects.get(key)?.bytes.length ?? 0;
    const entries = page.map((key) => `<Contents><Key>${key}</Key><Size>${sizeOf(key)}</Size></Contents>`).join('');
    return xml(200, 'ListBucketResult', `<IsTruncated>${next !== ''}</IsTruncated>${next}${entries}`);
  }
}

function kept(body: Buffer, fault: Fault | undefined): Buffer {
  return fault?.kind === 'alter' ? Buffer.from(body.map((byte) => byte ^ 1)) : body;
}

function told(bytes: Buffer, fault: Fault | undefined): string {
  return etagOf(fault?.kind === 'wrong-etag' ? Buffer.concat([bytes, bytes]) : bytes);
}

function partsIn(xml: string): { number: number; etag: string }[] {
  return [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: /<ETag>(.*?)</s.exec(part)?.[1]?.replaceAll('&quot;', '"') ?? '',
  }));
}
