import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as bodyOf } from 'node:stream/consumers';
import { parsed, textIn } from '../../src/net/json.js';

/** A token as Keystone would issue it. */
export interface Issue {
  readonly user?: string;
  /** The token is for this project, unless another scope is given. */
  readonly project?: string;
  readonly roles?: readonly string[];
  readonly scope?: Readonly<Record<string, unknown>>;
  /** Seconds; negative for one that has expired. */
  readonly life?: number;
}

/** What goes wrong with the next request: a status, an answer that is none, a connection that is cut, no answer. */
export type KeystoneFault = number | 'nonsense' | 'reset' | 'silence';

const SERVICE = { user: 'glance', password: 'secret', credential: 'c1', secret: 's1' };

/** Keystone's `/v3/auth/tokens` on the loopback interface, in memory, with faults on demand. */
export class KeystoneDouble {
  url = '';
  logins = 0;
  /** Tokens that were asked about, in order. */
  readonly asked: string[] = [];
  /** Bodies of the logins. */
  readonly loginBodies: unknown[] = [];
  /** Query strings of the validations. */
  readonly queries: string[] = [];
  /** Faults of the next requests of each sort; one is used up with each. */
  readonly faults: { readonly login: KeystoneFault[]; readonly validation: KeystoneFault[] } = {
    login: [],
    validation: [],
  };
  /** Validations wait for this. */
  gate: Promise<void> = Promise.resolve();
  /** Seconds that tokens of the service live. */
  serviceLife = 3600;
  catalog: readonly unknown[] = [];
  /** What tokens of logins are for. */
  scope: Readonly<Record<string, unknown>> = { project: { id: 'p-service', name: 'service' } };
  now: () => number = Date.now;
  readonly #tokens = new Map<string, { readonly body: object; readonly ends: number }>();
  #service = new Set<string>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<KeystoneDouble> {
    const double = new KeystoneDouble();
    await double.#listen(0);
    return double;
  }

  issue({ user = 'u', project, roles = ['member'], scope, life = 3600 }: Issue = {}): string {
    const token = `gAAAA-${randomUUID()}`;
    const ends = this.now() + life * 1000;
    const within = scope ?? (project === undefined ? {} : { project: { id: project, name: project } });
    const body = {
      user: { id: user, name: user, domain: { id: 'default' } },
      roles: roles.map((name) => ({ id: name, name })),
      expires_at: new Date(ends).toISOString(),
      ...within,
    };
    this.#tokens.set(token, { body, ends });
    return token;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Tokens of the service are good no more. */
  revokeService(): void {
    this.#service = new Set();
  }

  /** Nothing is served until `restart`. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  restart(): Promise<void> {
    return this.#listen(Number(new URL(this.url).port));
  }

  async #listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {});
    const { pathname, search, searchParams } = new URL(request.url ?? '', this.url);
    if (!pathname.endsWith('/v3/auth/tokens')) return void response.writeHead(404).end();
    const login = request.method === 'POST';
    const sent = await bodyOf(request).catch(() => '');
    if (login) this.logins += 1;
    else {
      this.asked.push(String(request.headers['x-subject-token']));
      this.queries.push(search);
      await this.gate;
    }
    const fault = (login ? this.faults.login : this.faults.validation).shift();
    if (fault === 'silence') return;
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    if (fault === 'nonsense') return void response.writeHead(login ? 201 : 200).end('{"token": []}');
    if (fault !== undefined) return void response.writeHead(fault).end('{"error": {"message": "as planned"}}');
    if (login) this.#login(sent, response);
    else this.#validate(request, searchParams.has('allow_expired'), response);
  }

  #login(sent: string, response: ServerResponse): void {
    const body = parsed(sent);
    this.loginBodies.push(body);
    const at = (...path: string[]) => textIn(body, 'auth', 'identity', ...path);
    const byPassword =
      at('password', 'user', 'name') === SERVICE.user && at('password', 'user', 'password') === SERVICE.password;
    const byToken = this.#tokens.has(String(at('token', 'id')));
    const byCredential =
      at('application_credential', 'id') === SERVICE.credential &&
      at('application_credential', 'secret') === SERVICE.secret;
    if (!byPassword && !byCredential && !byToken) {
      const error = { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' };
      return void response.writeHead(401).end(JSON.stringify({ error }));
    }
    const token = `service-${randomUUID()}`;
    this.#service.add(token);
    const expires_at = new Date(this.now() + this.serviceLife * 1000).toISOString();
    response.writeHead(201, { 'x-subject-token': token });
    response.end(JSON.stringify({ token: { expires_at, catalog: this.catalog, ...this.scope } }));
  }

  #validate({ headers }: IncomingMessage, allowExpired: boolean, response: ServerResponse): void {
    if (!this.#service.has(String(headers['x-auth-token']))) return void response.writeHead(401).end('{}');
    const found = this.#tokens.get(String(headers['x-subject-token']));
    if (found === undefined || (found.ends <= this.now() && !allowExpired)) {
      return void response.writeHead(404).end('{}');
    }
    response.writeHead(200).end(JSON.stringify({ token: found.body }));
  }
}
