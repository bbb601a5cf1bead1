import type { Actor } from '../../../src/domain/actor.js';
import { HttpFault } from '../../../src/http/fault.js';
import { createSchemas } from '../../../src/http/v2/schemas/create-schemas.js';

/** The formats of the server whose answers the tables record. */
export const FORMATS = {
  container: ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'],
  disk: ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'],
};

export const SCHEMAS = createSchemas(FORMATS);

export const MEMBER: Actor = {
  user: 'u',
  tenant: 'pa',
  owner: 'pa',
  roles: ['member', 'reader'],
  isAdmin: false,
  readOnly: false,
};
export const ADMIN: Actor = { ...MEMBER, roles: ['admin'], isAdmin: true };

/** How a codec answers, as the tables have it: the status alone, or status and text; `schema:` for a refusal by the schema of images. */
export function answerOf(work: () => unknown, success: number): string {
  try {
    work();
    return String(success);
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    const { explanation, detail } = error.text;
    if (explanation === undefined) return `${error.status} detail: ${detail}`;
    const [reason = ''] = explanation.split('\n\nFailed');
    return `${error.status} ${reason.replace("Provided object does not match schema 'image': ", 'schema: ')}`;
  }
}

/** A JSON body as the server reads it: an object or a list. */
export function parseBody(text: string): object {
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new Error(`no body: ${text}`);
  return body;
}
