import { randomUUID } from 'node:crypto';
import { inside, listIn, parsed, textIn } from '../../src/net/json.js';

/** Where the real Keystone of the tests is: its URL, an administrator as project:user, its password. Undefined when nobody said. */
export function keystoneOfTests(): { readonly url: string; readonly user: string; readonly key: string } | undefined {
  const { TEST_KEYSTONE_URL: url, TEST_KEYSTONE_USER: user, TEST_KEYSTONE_KEY: key } = process.env;
  return url && user && key ? { url, user, key } : undefined;
}

type Scope = { readonly project: { readonly id: string } } | { readonly [scope: string]: unknown } | 'unscoped';

/** A real Keystone in which a test makes projects and users of its own; `close` removes them. */
export class RealKeystone {
  readonly password = `p-${randomUUID()}`;
  readonly #made: string[] = [];

  private constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  static async connect({ url, user, key }: { url: string; user: string; key: string }): Promise<RealKeystone> {
    const [project = '', name = ''] = user.split(':');
    const domain = { id: 'default' };
    const token = await logIn(url, { name, domain, password: key }, { project: { name: project, domain } });
    return new RealKeystone(url, token);
  }

  project(): Promise<string> {
    return this.#make('projects', 'project', { name: `p-${randomUUID()}`, domain_id: 'default' });
  }

  user(): Promise<string> {
    return this.#make('users', 'user', { name: `u-${randomUUID()}`, domain_id: 'default', password: this.password });
  }

  /** Gives a user a role of this name, which is made when it is missing, in a project, or in `domains/default` or `system`. */
  async grant(user: string, role: string, place: string): Promise<void> {
    const known = await this.#send('GET', `/roles?name=${role}`);
    const id = textIn(listIn(known, 'roles')[0], 'id') ?? (await this.#make('roles', 'role', { name: role }));
    const path = place === 'system' ? `/system/users/${user}/roles/${id}` : `/${place}/users/${user}/roles/${id}`;
    await this.#send('PUT', path);
  }

  /** A token of a user made here. */
  tokenOf(user: string, scope: Scope): Promise<string> {
    return logIn(this.url, { id: user, password: this.password }, scope);
  }

  /** A user with this role in this project, and a token of it. */
  async member(project: string, role: string): Promise<string> {
    const user = await this.user();
    await this.grant(user, role, `projects/${project}`);
    return this.tokenOf(user, { project: { id: project } });
  }

  async revoke(token: string): Promise<void> {
    await this.#send('DELETE', '/auth/tokens', undefined, { 'x-subject-token': token });
  }

  /** Every token that a user has, by giving it its password anew. New ones are good from the next second on: tokens carry no fraction. */
  async revokeAllOf(user: string): Promise<void> {
    await this.#send('PATCH', `/users/${user}`, { user: { password: this.password } });
  }

  async close(): Promise<void> {
    for (const path of this.#made.reverse()) await this.#send('DELETE', path);
  }

  async #make(collection: string, kind: string, body: object): Promise<string> {
    const id = textIn(await this.#send('POST', `/${collection}`, { [kind]: body }), kind, 'id');
    if (id === undefined) throw new Error(`Keystone made no ${kind}`);
    this.#made.push(`/${collection}/${id}`);
    return id;
  }

  async #send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'x-auth-token': this.token, 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Keystone: ${method} ${path}: ${answer.status} ${text}`);
    return parsed(text);
  }
}

async function logIn(url: string, user: object, scope: Scope): Promise<string> {
  const answer = await fetch(`${url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } }),
  });
  const token = answer.headers.get('x-subject-token');
  const text = await answer.text();
  if (token === null || inside(parsed(text), 'token') === undefined) throw new Error(`Keystone gave no token: ${text}`);
  return token;
}
