import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Requests of one connection that may wait for the answer to another: clients that send ahead at all send a few. */
const MOST_WAITING = 100;

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Takes the requests of a connection one after the other. A client may send many without reading any answer: answers made ahead of their turn
 * would all lie in memory, each with its file open. Too many end the connection. What follows an answer that ends the connection is not
 * done at all (RFC 9112, section 9.6).
 */
export function inTurn(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Duplex, Turn[]>();

  function begin({ request, response }: Turn, queue: Turn[]): void {
    response.once('close', () => {
      const next = queue.shift();
      if (next === undefined) waiting.delete(request.socket);
      // Without a connection of its own by now it will never have one.
      else if (next.response.socket !== null) begin(next, queue);
    });
    listener(request, response);
  }

  return (request, response) => {
    const queue = waiting.get(request.socket);
    if (queue === undefined) {
      const own: Turn[] = [];
      waiting.set(request.socket, own);
      begin({ request, response }, own);
    } else if (queue.length < MOST_WAITING) {
      queue.push({ request, response });
    } else {
      request.socket.destroy();
    }
  };
}
