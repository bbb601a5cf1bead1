import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a web server does with one request. */
export type Habit = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves bytes as a web server does that knows ranges. */
export function ranged(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): Habit {
  return (request, response) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const total = bytes.length;
    if (!range) return void response.writeHead(200, { ...headers, 'content-length': total }).end(bytes);
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), total - 1)];
    if (start >= total) return void response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
    const part = bytes.subarray(start, end + 1);
    const described = { 'content-range': `bytes ${start}-${end}/${total}`, 'content-length': part.length };
    return void response.writeHead(206, { ...headers, ...described }).end(part);
  };
}

/** Serves all of the bytes, whatever is asked for. */
export function whole(bytes: Buffer, headers: Readonly<Record<string, string>> = {}): Habit {
  return (_request, response) =>
    void response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
}

/** Serves all of the bytes without saying how many. */
export function unmeasured(bytes: Buffer): Habit {
  return (request, response) => void response.writeHead(200).end(request.method === 'HEAD' ? undefined : bytes);
}

/** A listener with a habit for each path, and the requests whose answers were neither read to the end nor given up. */
export function habits(of: (path: string) => Habit | undefined) {
  const open = new Set<string>();
  let count = 0;
  const listener: RequestListener = (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const name = `${request.method} ${path} #${count++}`;
    open.add(name);
    response.on('close', () => open.delete(name));
    const habit = of(path);
    if (habit) habit(request, response);
    else response.writeHead(404).end();
  };
  return {
    listener,
    /** Waits for what the network still has under way; what is left then stays. */
    async unread(): Promise<readonly string[]> {
      for (const end = Date.now() + 10_000; open.size > 0 && Date.now() < end; ) await sleep(5);
      return [...open];
    },
  };
}
