import type { IncomingMessage } from 'node:http';
import type { Operation } from './faults.js';

/** A request as S3 understands it. */
export interface S3Request {
  readonly operation: Operation;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  header(name: string): string | undefined;
  /** `x-amz-meta-*`, `content-type` and `cache-control`, by their whole names. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Path style, or the bucket as the first label of the host. Undefined for what this double does not know. */
export function parseRequest(message: IncomingMessage, host: string): S3Request | undefined {
  const url = new URL(message.url ?? '/', 'http://double');
  const virtual = message.headers.host?.endsWith(`.${host}`) ? message.headers.host.slice(0, -host.length - 1) : '';
  const path = [virtual, url.pathname.slice(1)].filter(Boolean).join('/');
  const [, bucket = '', key = ''] = (/^([^/]*)\/?(.*)$/s.exec(path) ?? []).map(decodeURIComponent);
  const copies = message.headers['x-amz-copy-source'] !== undefined;
  const operation = operationOf(message.method ?? '', key !== '', url.searchParams, copies);
  if (!operation || bucket === '') return undefined;
  const header = (name: string): string | undefined => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  const metadata = Object.fromEntries(
    Object.keys(message.headers)
      .filter((name) => name.startsWith('x-amz-meta-') || name === 'content-type' || name === 'cache-control')
      .map((name) => [name, header(name) ?? '']),
  );
  return { operation, bucket, key, query: url.searchParams, header, metadata };
}

function operationOf(method: string, object: boolean, query: URLSearchParams, copies: boolean): Operation | undefined {
  if (!object) {
    if (method === 'PUT') return 'CreateBucket';
    if (method !== 'GET') return undefined;
    return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2';
  }
  const part = query.has('uploadId');
  switch (method) {
    case 'HEAD':
      return 'HeadObject';
    case 'GET':
      return 'GetObject';
    case 'PUT':
      if (copies) return part ? 'UploadPartCopy' : 'CopyObject';
      return part ? 'UploadPart' : 'PutObject';
    case 'POST':
      return part ? 'CompleteMultipartUpload' : query.has('uploads') ? 'CreateMultipartUpload' : undefined;
    case 'DELETE':
      return part ? 'AbortMultipartUpload' : 'DeleteObject';
    default:
      return undefined;
  }
}
