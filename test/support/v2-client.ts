import { defaultText } from './v1-answer.js';
import { OCTETS, type V1Answer, type V1Client, type V1Request } from './v1-client.js';

export interface V2Image {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly visibility: string;
  readonly owner: string | null;
  readonly size: number | null;
  readonly virtual_size: number | null;
  readonly checksum: string | null;
  readonly os_hash_algo: string | null;
  readonly os_hash_value: string | null;
  readonly tags: readonly string[];
  readonly updated_at: string;
  readonly [attribute: string]: unknown;
}

export interface V2Page {
  readonly images: readonly V2Image[];
  readonly first: string;
  readonly next?: string;
  readonly schema: string;
}

export type Operation = Readonly<Record<string, unknown>>;

export const DRAFT_4 = { 'content-type': 'application/openstack-images-v2.0-json-patch' };
export const DRAFT_10 = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
/** What an image must have before its data is uploaded. */
export const FORMATS = { disk_format: 'raw', container_format: 'bare' };

/** The image in the answer to a create, show or patch. */
export function imageOf(answer: V1Answer): V2Image {
  const image: V2Image = JSON.parse(answer.text);
  return image;
}

const MORE_DEFAULTS: Readonly<Record<number, string>> = { 416: 'The Range requested is not available.' };

/** How a refusal reads whose message is its detail: behind the default text of its status. */
export function detail(status: number, text: string): string {
  return `${status} ${MORE_DEFAULTS[status] ?? defaultText(status)} ${text}`;
}

/**
 * An answer in one line: its status and, of a refusal in plain text, what it says; of a schema's refusal only the reason.
 * Runs of white space are one blank.
 */
export function verdict(answer: V1Answer): string {
  if (answer.status < 400) return String(answer.status);
  const [, ...said] = answer.text.split('\n\n');
  const text = said.join(' ').replace(/\s+/g, ' ').trim();
  return `${answer.status} ${text.replace(/ Failed validating .*/, '')}`.trim();
}

/** A client of one actor. Paths are whole, version included. */
export class V2Client {
  constructor(readonly v1: V1Client) {}

  /** The same server with another `user:project:role[,role]` token; none without one. */
  as(token?: string): V2Client {
    return new V2Client(this.v1.as(token));
  }

  send(method: string, path: string, request: V1Request = {}): Promise<V1Answer> {
    return this.v1.send(method, path, request);
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<V1Answer> {
    return this.send('GET', path, { headers });
  }

  /** Makes an image that must come to be; with data, it is uploaded too. */
  async create(attributes: Readonly<Record<string, unknown>> = {}, data?: Buffer | string): Promise<V2Image> {
    const whole = data === undefined ? attributes : { ...FORMATS, ...attributes };
    const image = imageOf(await this.expect(201, 'POST', '/v2/images', { json: whole }));
    if (data === undefined) return image;
    await this.expect(204, 'PUT', `/v2/images/${image.id}/file`, { headers: OCTETS, body: data });
    return this.show(image.id);
  }

  upload(id: string, request: V1Request): Promise<V1Answer> {
    const headers = { ...OCTETS, ...request.headers };
    return this.send('PUT', `/v2/images/${id}/file`, { ...request, headers });
  }

  patch(id: string, operations: unknown, headers: Readonly<Record<string, string>> = DRAFT_10): Promise<V1Answer> {
    return this.send('PATCH', `/v2/images/${id}`, { headers, json: operations });
  }

  /** The image, which must be there to see. */
  async show(id: string): Promise<V2Image> {
    return imageOf(await this.expect(200, 'GET', `/v2/images/${id}`));
  }

  /** A page of a list, which must be had. */
  async list(query = ''): Promise<V2Page> {
    const page: V2Page = JSON.parse((await this.expect(200, 'GET', `/v2/images${query}`)).text);
    return page;
  }

  /** Names of the images of a list, in its order. */
  async names(query: string): Promise<readonly (string | null)[]> {
    return (await this.list(query)).images.map(({ name }) => name);
  }

  /** Sends what must be answered with this status. */
  async expect(status: number, method: string, path: string, request: V1Request = {}): Promise<V1Answer> {
    const answer = await this.send(method, path, request);
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status}, not ${status}: ${answer.text}`);
    return answer;
  }
}
