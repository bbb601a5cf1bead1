import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Faults } from './faults.js';
import { accountRequest, containerRequest, objectRequest } from './handlers.js';
import { Objects } from './objects.js';

/** Turns of 10 ms in which requests may end before they count as left open. */
const PATIENCE = 500;

/**
 * A Swift of one test on the loopback interface, in memory: v1 and v3 authentication, containers, static and dynamic large objects, temporary URLs,
 * and faults on demand.
 */
export class SwiftDouble {
  readonly objects = new Objects();
  readonly faults = new Faults();
  /** Method and URL of every request but those of authentication. */
  readonly requests: string[] = [];
  authentications = 0;
  /** Answers of authentication in place of the good one. */
  authStatus = 200;
  /** Told of every object that was put, before the answer. */
  stored: (path: string) => void = () => {};
  /** Takes the tokens of anybody, a real Keystone's too. */
  anyToken = false;
  /** Seconds that a token lives. */
  tokenLife = 3600;
  info: object = { slo: { max_manifest_segments: 1000 }, swift: {}, tempurl: { allowed_digests: ['sha1', 'sha256'] } };
  url = '';
  readonly #tokens = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #open = 0;

  static async start(port = 0): Promise<SwiftDouble> {
    const double = new SwiftDouble();
    await double.#listen(port);
    return double;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  revokeTokens(): void {
    this.#tokens.clear();
  }

  /** Segments that belong to no object, and requests that are still open. */
  async leftovers(): Promise<readonly string[]> {
    for (let turn = 0; this.#open > 0 && turn < PATIENCE; turn += 1) await wait(10);
    return [...this.objects.orphans(), ...(this.#open > 0 ? [`${this.#open} open requests`] : [])];
  }

  /** Connections that are open after a while. */
  async connections(): Promise<number> {
    for (let turn = 0; this.#sockets.size > 0 && turn < PATIENCE; turn += 1) await wait(10);
    return this.#sockets.size;
  }

  /** Nothing is served until `restart`. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  restart(): Promise<void> {
    return this.#listen(this.port);
  }

  async #listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#track(request.socket);
    this.#open += 1;
    const ended = (): void => {
      response.off('close', ended);
      request.socket.off('close', ended);
      this.#open -= 1;
    };
    response.on('close', ended);
    request.socket.on('close', ended);
    request.on('error', () => {});
    response.on('error', () => {});
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname === '/auth/v1.0') return this.#authenticateV1(request, response);
    if (url.pathname === '/v3/auth/tokens') return this.#authenticateV3(request, response);
    this.requests.push(`${request.method} ${request.url}`);
    if (url.pathname === '/info') return void response.end(JSON.stringify(this.info));
    const [, account = '', container, object] =
      /^\/v1\/([^/]+)(?:\/([^/]+)(?:\/(.+))?)?$/.exec(decodeURI(url.pathname)) ?? [];
    const token = request.headers['x-auth-token'];
    const fault = this.faults.for(request.method ?? '', request.url ?? '');
    const exchange = { request, response, query: url.searchParams, objects: this.objects, fault, stored: this.stored };
    const known = typeof token === 'string' && (this.anyToken || this.#tokens.has(token));
    if (!url.searchParams.has('temp_url_sig') && !known) {
      return void response.writeHead(401).end('who?');
    }
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end('no');
    if (object !== undefined) return objectRequest(exchange, `${account}/${container}/${object}`);
    if (container !== undefined) return containerRequest(exchange, `${account}/${container}`);
    return accountRequest(exchange, account);
  }

  #authenticateV1({ headers }: IncomingMessage, response: ServerResponse): void {
    this.authentications += 1;
    const right = headers['x-auth-user'] === 'test:tester' && headers['x-auth-key'] === 'testing';
    if (this.authStatus !== 200 || !right) return void response.writeHead(right ? this.authStatus : 401).end();
    response.setHeader('x-auth-token', this.#token());
    response.setHeader('x-storage-url', `${this.url}/v1/AUTH_test`);
    response.setHeader('x-auth-token-expires', String(this.tokenLife));
    response.writeHead(200).end();
  }

  async #authenticateV3(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.authentications += 1;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const asked = Buffer.concat(parts).toString();
    const right = ['"tester"', '"testing"', '"test"', '"id":"default"'].every((word) => asked.includes(word));
    if (this.authStatus !== 200 || !right) return void response.writeHead(right ? this.authStatus : 401).end();
    const endpoint = (region: string, kind: string, account: string): object => ({
      region_id: region,
      region,
      interface: kind,
      url: `${this.url}/v1/AUTH_${account}`,
    });
    const endpoints = [
      endpoint('north', 'public', 'elsewhere'),
      endpoint('south', 'internal', 'inside'),
      endpoint('south', 'public', 'test'),
    ];
    const catalog = [
      { type: 'image', endpoints: [endpoint('south', 'public', 'no')] },
      { type: 'object-store', endpoints },
    ];
    const expires_at = new Date(Date.now() + this.tokenLife * 1000).toISOString();
    response
      .writeHead(201, { 'x-subject-token': this.#token() })
      .end(JSON.stringify({ token: { expires_at, catalog } }));
  }

  #token(): string {
    const token = randomUUID();
    this.#tokens.add(token);
    return token;
  }

  #track(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
