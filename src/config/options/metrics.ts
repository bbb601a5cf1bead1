import { type Option, optional } from '../option.js';

/** Where to listen: an address or a name, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9100`, `localhost:9100` or `[::1]:9100`; an empty value counts as left out. Throws Error saying what it must be. */
function parseEndpoint(text: string): Endpoint | null {
  if (text.trim() === '') return null;
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65535) throw new Error('must read host:port, such as 127.0.0.1:9100 or [::1]:9100');
  return { host, port };
}

export const METRICS_BIND: Option<Endpoint | null> = {
  ...optional(
    'Address on which GET /metrics answers in the form of Prometheus, such as 127.0.0.1:9100; unset is none. ' +
      'There is no authentication: choose an address that only your monitoring reaches.',
  ),
  fallback: null,
  type: 'host:port',
  parse: (texts) => parseEndpoint(texts.at(-1) ?? ''),
};
