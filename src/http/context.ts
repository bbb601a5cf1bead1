import type { IncomingMessage } from 'node:http';
import type Router from '@koa/router';
import type { Middleware, ParameterizedContext } from 'koa';
import type { Actor } from '../domain/actor.js';

/** What the middleware knows of a request. */
export interface RequestState {
  requestId: string;
  /** Set once the request is authenticated. */
  actor?: Actor;
  /** What an answer 401 says of the credentials that are wanted. */
  challenge?: string;
  api?: 'v1' | 'v2';
  /** Where a proxy says that the client found the server. */
  origin?: string;
  /** The client's address as a declared proxy says it, where there is one. */
  client?: string;
  /** The method as the client wrote it, where Node knows no such method. */
  method?: string;
  /** The client takes gzip, and the pipeline has the filter for it. */
  gzip?: boolean;
  /** Segments of the path that the route captured, decoded. */
  params: Readonly<Record<string, string>>;
  /** Bytes of image data received or sent, for the log line. */
  dataBytes?: number;
}

export type Context = ParameterizedContext<RequestState>;

/** One middleware of the server's chain, the router included. */
export type ChainLink = ReturnType<Router<RequestState>['routes']> | Middleware<RequestState>;

/** The actor of an authenticated request. */
export function actorOf(ctx: Context): Actor {
  if (ctx.state.actor === undefined) throw new Error('the request has not been authenticated');
  return ctx.state.actor;
}

/** One request header as Node hands it over. Undefined when absent; repeated ones are joined with a comma. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
