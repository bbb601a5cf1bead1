import type { Context } from './context.js';
import { hasBody } from './request-body.js';

/** What a request is about, in the words of the audit log; `other` is what concerns no image. */
export interface Action {
  readonly name: string;
  /** Whether it changes something, or reads image data or the places where data is. */
  readonly matters: boolean;
  /** Whether it brings image data. */
  readonly uploads: boolean;
  /** Whether it fetches image data. */
  readonly downloads: boolean;
  readonly image?: string | undefined;
  /** The member, the tag or the store that the path names beside the image. */
  readonly subject?: string | undefined;
}

type Names = Readonly<Record<string, string>>;

/** By method, what a path below `/v1` or `/v2` asks for; a colon stands for one segment. Of two that fit the first counts. */
const V1: readonly (readonly [path: string, names: Names])[] = [
  ['images', { POST: 'create' }],
  ['images/detail', {}],
  ['images/:id', { GET: 'download', HEAD: 'show', PUT: 'update', DELETE: 'delete' }],
  ['images/:id/members', { PUT: 'replace-members' }],
  ['images/:id/members/:subject', { PUT: 'add-member', DELETE: 'remove-member' }],
];
const V2: typeof V1 = [
  ['images', { POST: 'create' }],
  ['images/:id', { GET: 'show', PATCH: 'update', DELETE: 'delete' }],
  ['images/:id/file', { GET: 'download', HEAD: 'show', PUT: 'upload' }],
  ['images/:id/stage', { PUT: 'stage' }],
  ['images/:id/import', { POST: 'import' }],
  ['images/:id/locations', { GET: 'list-locations', POST: 'add-location' }],
  ['images/:id/actions/deactivate', { POST: 'deactivate' }],
  ['images/:id/actions/reactivate', { POST: 'reactivate' }],
  ['images/:id/members', { POST: 'add-member' }],
  ['images/:id/members/:subject', { PUT: 'update-member', DELETE: 'remove-member' }],
  ['images/:id/tags/:subject', { PUT: 'add-tag', DELETE: 'remove-tag' }],
  ['stores/:subject/:id', { DELETE: 'remove-from-store' }],
];

const ROUTES = { v1: V1, v2: V2 };
const MATTERS = new Set([...V1, ...V2].flatMap(([, names]) => Object.values(names)).filter((name) => name !== 'show'));
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The action of a request whose path is `/v1/...` or `/v2/...` by now; before that, as far as its path tells. */
export function actionOf(ctx: Context): Action {
  const [api = '', ...segments] = pathOf(ctx).split('/').map(decoded);
  const routes = api === 'v1' || api === 'v2' ? ROUTES[api] : [];
  const found = routes.map(([path, names]) => ({ names, parts: match(path, segments) })).find(({ parts }) => parts);
  const read = READS.has(ctx.method);
  const own = found && Object.hasOwn(found.names, ctx.method) ? found.names[ctx.method] : undefined;
  const name = own ?? (found === undefined ? 'other' : read ? 'read' : 'other');
  const uploads =
    name === 'upload' ||
    name === 'stage' ||
    (api === 'v1' && (name === 'create' || name === 'update') && hasBody(ctx.req));
  return {
    name: uploads && name === 'update' ? 'upload' : name,
    matters: MATTERS.has(name),
    uploads,
    downloads: name === 'download',
    image: found?.parts?.id,
    subject: found?.parts?.subject,
  };
}

// By hand: a target of a request may be anything, and this is asked where nobody catches.
function pathOf(ctx: Context): string {
  const [path = ''] = ctx.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  return path.replace(/^\/|\/$/g, '');
}

function match(path: string, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const pattern = path.split('/');
  if (pattern.length !== segments.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [at, expected] of pattern.entries()) {
    const segment = segments[at] ?? '';
    if (expected.startsWith(':')) parts[expected.slice(1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return parts;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
