import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { ChainLink, Context, RequestState } from './context.js';
import { fault, HttpFault } from './fault.js';
import { hasBody } from './request-body.js';

export type Handler<Api> = (ctx: Context, api: Api) => Promise<void> | void;

/** A path and what answers it: one handler for every method, or one per method; `noBody` names methods that take no body. */
export interface Route<Api> {
  readonly path: string;
  readonly any?: Handler<Api>;
  readonly methods?: Readonly<Record<string, Handler<Api>>>;
  readonly noBody?: readonly string[];
  /** What a 405 announces, where it is not just the methods. */
  readonly allow?: string;
}

function answer<Api>(ctx: Context, route: Route<Api>, api: Api): Promise<void> | void {
  if (route.any) return route.any(ctx, api);
  const methods = route.methods ?? {};
  const handler = Object.hasOwn(methods, ctx.method) ? methods[ctx.method] : undefined;
  if (handler === undefined) throw new HttpFault(405, {}, { Allow: route.allow ?? Object.keys(methods).join(', ') });
  if (route.noBody?.includes(ctx.method) && hasBody(ctx.req))
    throw fault(400, 'A body is not expected with this request.');
  return handler(ctx, api);
}

/** One segment of the path by the name that its route gives it. */
export function segment(ctx: Context, name: string): string {
  return ctx.state.params[name] ?? '';
}

/** The routes of one API as a link of the server's chain. Paths match as they are written, slashes and case included. */
export function routes<Api>(table: readonly Route<Api>[], api: Api): ChainLink {
  const router = new Router<RequestState>({ strict: true, sensitive: true });
  for (const route of table) {
    router.all(route.path, (ctx) => {
      ctx.state.params = ctx.params;
      return answer(ctx, route, api);
    });
  }
  return router.routes();
}

/** Methods that an unknown path answers with 404; all others are unknown themselves. */
const KNOWN = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** What no route matched. */
export function unknown(method: string): HttpFault {
  return fault(KNOWN.includes(method) ? 404 : 501);
}

export const unknownRoute: Middleware<RequestState> = (ctx) => {
  throw unknown(ctx.method);
};
