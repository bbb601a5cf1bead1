import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './faults.js';
import { type DoubleObject, md5, type Objects } from './objects.js';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly objects: Objects;
  readonly fault: Fault | undefined;
  /** Told of every object that was put, before the answer. */
  stored(path: string): void;
}

export function accountRequest(exchange: Exchange, account: string): void {
  listing(exchange, account);
}

export function containerRequest(exchange: Exchange, path: string): void {
  const { request, response, objects } = exchange;
  const found = objects.containers.has(path);
  if (request.method === 'PUT') {
    objects.containers.set(path, textHeaders(request));
    return void response.writeHead(found ? 202 : 201).end();
  }
  if (!found) return void response.writeHead(404).end();
  if (request.method === 'DELETE') {
    if (objects.names(path).length > 0) return void response.writeHead(409).end();
    objects.containers.delete(path);
    return void response.writeHead(204).end();
  }
  if (request.method === 'HEAD') return void response.writeHead(204).end();
  listing(exchange, path);
}

export async function objectRequest(exchange: Exchange, path: string): Promise<void> {
  const { request, response, query, objects } = exchange;
  const container = path.split('/', 2).join('/');
  const properties = objects.containers.get(container);
  if (query.has('temp_url_sig') && !isSigned(query, `/v1/${path}`, properties?.['x-container-meta-temp-url-key'])) {
    return void response.writeHead(401).end();
  }
  if (!properties) return void response.writeHead(404).end();
  if (request.method === 'PUT') return put(exchange, path);
  const object = objects.get(path);
  if (!object) return void response.writeHead(404).end();
  if (request.method === 'DELETE') return remove(exchange, path, object);
  send(exchange, object);
}

/** As in Swift, If-None-Match is held against what is there before the body comes. */
async function put(exchange: Exchange, path: string): Promise<void> {
  const { request, response, query, objects, fault } = exchange;
  if (request.headers['if-none-match'] === '*' && objects.get(path)) return void response.writeHead(412).end();
  const bytes = await bodyOf(request, fault);
  if (!bytes || fault?.kind === 'stall') return;
  const headers = textHeaders(request);
  const prefix = headers['x-object-manifest'];
  let object: DoubleObject = { bytes, etag: md5(bytes), headers };
  if (query.get('multipart-manifest') === 'put') {
    const segments = segmentsIn(bytes.toString(), path, objects);
    if (!segments) return void response.writeHead(400).end('Errors: segments');
    object = { ...object, segments };
  }
  if (prefix !== undefined) object = { ...object, prefix: `${path.split('/')[0]}/${decodeURIComponent(prefix)}` };
  objects.set(path, object);
  exchange.stored(path);
  if (fault?.kind === 'lost') return void request.socket.resetAndDestroy();
  response.writeHead(201, { etag: fault?.kind === 'etag' ? md5('other') : object.etag }).end();
}

/** The paths of a manifest, when each is there with the ETag and the size that it names. */
function segmentsIn(manifest: string, path: string, objects: Objects): string[] | undefined {
  const listed: unknown = JSON.parse(manifest);
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const paths: string[] = [];
  for (const entry of listed) {
    const name = `${path.split('/')[0]}${entry.path}`;
    const segment = objects.get(name);
    if (segment?.etag !== entry.etag || segment?.bytes.length !== entry.size_bytes) return undefined;
    paths.push(name);
  }
  return paths;
}

function remove({ response, query, objects, request, fault }: Exchange, path: string, object: DoubleObject): void {
  if (query.get('multipart-manifest') !== 'delete') {
    objects.delete(path);
    if (fault?.kind === 'lost') return void request.socket.resetAndDestroy();
    return void response.writeHead(204).end();
  }
  for (const name of [...(object.segments ?? []), path]) objects.delete(name);
  response.writeHead(200).end(JSON.stringify({ 'Response Status': '200 OK', Errors: [] }));
}

function send({ request, response, objects, fault }: Exchange, object: DoubleObject): void {
  const seen = objects.seen(object);
  if (!seen) return void response.writeHead(409).end();
  const { bytes, etag } = seen;
  response.setHeader('etag', etag);
  if (object.segments) response.setHeader('x-static-large-object', 'True');
  for (const [name, value] of Object.entries(object.headers)) {
    if (/^x-object-m/.test(name)) response.setHeader(name, value);
  }
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = to === undefined ? bytes.length : Math.min(Number(to) + 1, bytes.length);
  if (from !== undefined && start >= bytes.length) return void response.writeHead(416).end();
  if (from !== undefined) response.setHeader('content-range', `bytes ${start}-${end - 1}/${bytes.length}`);
  response.writeHead(from === undefined ? 200 : 206, { 'content-length': end - start });
  if (request.method === 'HEAD') return void response.end();
  const body = bytes.subarray(start, end);
  if (!fault || !('after' in fault)) return void response.end(body);
  response.write(body.subarray(0, fault.after), () => {
    if (fault.kind === 'reset') request.socket.resetAndDestroy();
    if (fault.kind === 'short') request.socket.end();
  });
}

/** The whole body; undefined when it broke off, or was broken off. A stall reads on and says nothing. */
async function bodyOf(request: IncomingMessage, fault: Fault | undefined): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let seen = 0;
  request.on('data', (part: Buffer) => {
    parts.push(part);
    seen += part.length;
    if (!fault || !('after' in fault) || seen <= fault.after) return;
    if (fault.kind === 'short') request.socket.end();
    if (fault.kind === 'reset') request.socket.resetAndDestroy();
  });
  await new Promise((resolve) => request.on('close', resolve));
  return request.complete ? Buffer.concat(parts) : undefined;
}

function listing({ response, query, objects }: Exchange, folder: string): void {
  const limit = Number(query.get('limit') ?? 10_000);
  const names = objects.names(folder, query.get('prefix') ?? '', query.get('marker') ?? '', limit);
  if (names.length === 0) return void response.writeHead(204).end();
  response.writeHead(200).end(`${names.join('\n')}\n`);
}

function isSigned(query: URLSearchParams, path: string, key: string | undefined): boolean {
  const expires = query.get('temp_url_expires') ?? '';
  if (key === undefined || Number(expires) * 1000 < Date.now()) return false;
  const signature = createHmac('sha256', key).update(`GET\n${expires}\n${path}`).digest('hex');
  return signature === query.get('temp_url_sig');
}

function textHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
