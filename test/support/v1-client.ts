import { Agent, type ClientRequest, type IncomingMessage, request as open } from 'node:http';

/** The parts of a request beside its line; without a body it has none. Header values are sent as UTF-8. */
export interface V1Request {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with its length. */
  readonly body?: Buffer | string;
  /** Sent in chunks, without a length; an empty list is a chunked body of no bytes. */
  readonly chunks?: readonly (Buffer | string)[];
  /** Sent as JSON. */
  readonly json?: unknown;
}

export interface V1Image {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly owner: string | null;
  readonly checksum: string | null;
  readonly size: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

export interface V1Answer {
  readonly status: number;
  /** Lower-case names; values read as UTF-8. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly text: string;
}

/** The image in the answer to a POST or PUT. */
export function imageOf(answer: V1Answer): V1Image {
  const { image }: { image: V1Image } = JSON.parse(answer.text);
  return image;
}

/** The images of a list. */
export function imagesOf(answer: V1Answer): readonly V1Image[] {
  const { images }: { images: V1Image[] } = JSON.parse(answer.text);
  return images;
}

/** Headers of an image whose data may be uploaded. */
export const FORMATS = { 'x-image-meta-disk_format': 'raw', 'x-image-meta-container_format': 'bare' };
/** The type that image data has. */
export const OCTETS = { 'content-type': 'application/octet-stream' };

const agent = new Agent({ keepAlive: false });

function wire(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function sendBody(outgoing: ClientRequest, { body, chunks, json }: V1Request): void {
  const payload = json === undefined ? body : JSON.stringify(json);
  if (chunks !== undefined) {
    outgoing.setHeader('Transfer-Encoding', 'chunked');
    for (const chunk of chunks) outgoing.write(chunk);
    outgoing.end();
  } else if (payload === undefined) {
    outgoing.end();
  } else {
    outgoing.setHeader('Content-Length', Buffer.byteLength(payload));
    outgoing.end(payload);
  }
}

async function read(response: IncomingMessage): Promise<V1Answer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const body = Buffer.concat(parts);
  const headers = Object.entries(response.headers).map(([name, value]) => [
    name,
    Buffer.from(String(value), 'latin1').toString('utf8'),
  ]);
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body, text: body.toString('utf8') };
}

/** A client of one actor; every request has a connection of its own. */
export class V1Client {
  constructor(
    private readonly port: () => number,
    private readonly identity: Readonly<Record<string, string>> = {},
  ) {}

  /** The same server with another `user:tenant:role` token; none without one. */
  as(token?: string): V1Client {
    return new V1Client(this.port, token === undefined ? {} : { 'x-auth-token': token });
  }

  send(method: string, path: string, request: V1Request = {}): Promise<V1Answer> {
    const headers = Object.entries({ ...this.identity, ...request.headers }).map(([name, value]) => [
      name,
      wire(value),
    ]);
    const options = { host: '127.0.0.1', port: this.port(), method, path, agent, headers: Object.fromEntries(headers) };
    return new Promise((resolve, reject) => {
      // An answer that comes before the body has been sent is an answer, whatever becomes of the rest.
      const outgoing = open(options, (response) => resolve(read(response))).on('error', reject);
      sendBody(outgoing, request);
    });
  }

  /** Makes an image that must come to be; with data it is uploaded at once. */
  async create(headers: Readonly<Record<string, string>> = {}, body?: Buffer | string): Promise<V1Image> {
    const sent = body === undefined ? { headers } : { headers: { ...FORMATS, ...OCTETS, ...headers }, body };
    const answer = await this.send('POST', '/v1/images', sent);
    if (answer.status !== 201) throw new Error(`the image was not made: ${answer.text}`);
    return imageOf(answer);
  }

  /** Status of the image by HEAD, or the number of the refusal. */
  async statusOf(id: string): Promise<string | number> {
    const answer = await this.send('HEAD', `/v1/images/${id}`);
    return answer.headers['x-image-meta-status'] ?? answer.status;
  }

  /** Names of the images of a list, in its order. */
  async names(query: string): Promise<readonly (string | null)[]> {
    const answer = await this.send('GET', `/v1/images?${query}`);
    if (answer.status !== 200) throw new Error(`no list: ${answer.text}`);
    return imagesOf(answer).map(({ name }) => name);
  }
}
