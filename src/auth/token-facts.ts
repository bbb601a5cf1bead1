import { inside, listIn, parsed, textIn } from '../net/json.js';

/** What Keystone says of a good token. */
export interface TokenFacts {
  readonly user: string;
  /** Of the token's project; null for tokens of another scope. */
  readonly project: string | null;
  readonly roles: readonly string[];
  /** What the roles hold for; `none` is a token without any. */
  readonly scope: 'project' | 'domain' | 'system' | 'none';
  /** Milliseconds of the epoch. */
  readonly expiresAt: number;
}

/** The facts in the body of a `GET /v3/auth/tokens`. Undefined when it is none. */
export function tokenFacts(text: string): TokenFacts | undefined {
  const token = inside(parsed(text), 'token');
  const user = textIn(token, 'user', 'id');
  const expiresAt = Date.parse(textIn(token, 'expires_at') ?? '');
  if (user === undefined || Number.isNaN(expiresAt)) return undefined;
  const project = textIn(token, 'project', 'id') ?? null;
  const roles = listIn(token, 'roles').flatMap((role) => textIn(role, 'name') ?? []);
  return { user, project, roles, scope: scopeOf(token, project), expiresAt };
}

function scopeOf(token: unknown, project: string | null): TokenFacts['scope'] {
  if (project !== null) return 'project';
  if (inside(token, 'domain') !== undefined) return 'domain';
  return inside(token, 'system') === undefined ? 'none' : 'system';
}
