import { Pool } from 'undici';
import { seconds } from './measure.js';

/** What a server that trusts identity headers takes for an administrator; one without identities does not mind. */
const IDENTITY = {
  'x-identity-status': 'Confirmed',
  'x-user-id': 'bench',
  'x-tenant-id': 'bench',
  'x-roles': 'admin,member,reader',
};

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** In place of the identity headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Load {
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** Sends requests over some connections at once, one after the other on each, for a while. Throws when one is refused. */
export async function load(
  url: string,
  request: (round: number) => LoadRequest,
  { connections = 8, seconds = 4 } = {},
): Promise<Load> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const taken: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let round = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const { method, path, body, headers: identity = IDENTITY } = request(round++);
      const began = performance.now();
      const headers = body === undefined ? identity : { ...identity, 'content-type': 'application/json' };
      const answer = await pool.request({ method, path, headers, ...(body === undefined ? {} : { body }) });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 200)}`);
      taken.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  const rate = taken.length / ((performance.now() - started) / 1000);
  await pool.close();
  taken.sort((a, b) => a - b);
  return { rate, p99: taken[Math.floor(taken.length * 0.99)] ?? Number.NaN };
}

/** Makes images until there are so many, and returns the ids of some. */
export async function fill(url: string, images: number): Promise<string[]> {
  const pool = new Pool(url, { connections: 8, pipelining: 1 });
  const ids: string[] = [];
  let made = 0;
  const one = async (): Promise<void> => {
    while (made < images) {
      const body = JSON.stringify(draft(made++));
      const headers = { ...IDENTITY, 'content-type': 'application/json' };
      const answer = await pool.request({ method: 'POST', path: '/v2/images', headers, body });
      const image: unknown = await answer.body.json();
      if (typeof image === 'object' && image !== null && 'id' in image) ids.push(String(image.id));
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  await pool.close();
  return ids;
}

/** An image as clouds have them: formats, a few properties and tags. */
export function draft(round: number): object {
  return {
    name: `image ${round % 977}`,
    disk_format: 'qcow2',
    container_format: 'bare',
    tags: ['bench', `t${round % 10}`],
    os_type: round % 2 ? 'linux' : 'windows',
    hw_disk_bus: 'virtio',
    os_distro: `distro${round % 20}`,
  };
}

/** The identity headers as curl's arguments: bytes are sent and taken by curl, so that little of the machine goes to the client. */
const CURL = ['-sS', '--fail', ...Object.entries(IDENTITY).flatMap(([name, value]) => ['-H', `${name}: ${value}`])];

/** A new image without data; its id. */
async function reserve(url: string): Promise<string> {
  const body = JSON.stringify({ name: 'bytes', disk_format: 'raw', container_format: 'bare' });
  const headers = { ...IDENTITY, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v2/images`, { method: 'POST', headers, body });
  const made: unknown = await answer.json();
  if (typeof made !== 'object' || made === null || !('id' in made)) throw new Error('No image was made.');
  return String(made.id);
}

/** Sends a file as the data of a new image; its id and the seconds that the data took. */
export async function uploadV2(url: string, file: string): Promise<{ id: string; taken: number }> {
  const id = await reserve(url);
  const headers = ['-H', 'content-type: application/octet-stream', '-H', 'expect:'];
  const taken = await seconds(['curl', ...CURL, '-X', 'PUT', ...headers, '-T', file, `${url}/v2/images/${id}/file`]);
  return { id, taken };
}

/** Reads an image's data and drops it; seconds. */
export function downloadV2(url: string, id: string): Promise<number> {
  return seconds(['curl', ...CURL, '-o', '/dev/null', `${url}/v2/images/${id}/file`]);
}

export async function removeV2(url: string, id: string): Promise<void> {
  await fetch(`${url}/v2/images/${id}`, { method: 'DELETE', headers: IDENTITY });
}
