import type { Context } from './context.js';
import { pythonJson } from './python-json.js';

export interface VersionOptions {
  readonly v1: boolean;
  /** `public_endpoint`: what the links start with instead of the request's own address. */
  readonly publicEndpoint: string | undefined;
}

/** The versions document (image-api-v1 section 1.1): 200 where it was asked for, 300 where no API fits the request. */
export function versionsDocument(ctx: Context, status: 200 | 300, options: VersionOptions): void {
  const base = options.publicEndpoint?.replace(/\/+$/, '') ?? `${ctx.protocol}://${ctx.host}`;
  const entry = (id: string) => ({ id, status: 'DEPRECATED', links: [{ rel: 'self', href: `${base}/v1/` }] });
  ctx.status = status;
  ctx.set('Content-Type', 'application/json');
  ctx.body = pythonJson({ versions: options.v1 ? [entry('v1.1'), entry('v1.0')] : [] });
}
