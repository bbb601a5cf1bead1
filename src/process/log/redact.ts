const MASK = '***';
/** Characters of one text: what is longer is cut. */
const MAX_TEXT = 32_768;

const SECRET_NAME =
  '[\\w-]*(?:passw(?:or)?d|passphrase|secret|secret[_-]?key|access[_-]?key|api[_-]?key|encryption[_-]?key|private[_-]?key|auth[_-]?token|service[_-]?token|subject[_-]?token|storage[_-]?token|auth[_-]?key|token|credentials?|signature)';
const PAIR = new RegExp(
  // A name, perhaps quoted, then `:` or `=`, then a quoted value or one up to the next delimiter.
  `((?:^|[^\\w-])["']?(?:${SECRET_NAME}|authorization|cookie)["']?\\s*[:=]\\s*)("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|(?:(?:bearer|basic|digest|aws4-hmac-sha256)\\s+)?[^\\s,;&"'{}\\[\\]()]+)`,
  'gi',
);
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]*@/gi;
// Database URLs are often written with a password that was not percent-encoded: there everything up to the last @ goes.
const DATABASE_CREDENTIALS = /((?:postgres|mysql|mariadb)[a-z0-9+]{0,20}:\/\/)[^\s"'<>]{1,400}@/gi;
const SUSPICION = /[@:=]/;
const WHOLE_NAME = new RegExp(`^(?:${SECRET_NAME}|authorization|cookie)$`, 'i');

/** Masks what must not reach a log: values of tokens, passwords and keys in headers, pairs and JSON, and the credentials of URLs. */
export function redact(whole: string): string {
  const text = whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT)}...` : whole;
  if (!SUSPICION.test(text)) return text;
  const urls = text.replace(DATABASE_CREDENTIALS, `$1${MASK}@`).replace(URL_CREDENTIALS, `$1${MASK}@`);
  return urls.replace(PAIR, (_, name: string, value: string) => {
    const quote = /^["']/.exec(value)?.[0] ?? '';
    return `${name}${quote}${MASK}${quote}`;
  });
}

/** A copy of a field's value, fit for JSON, with secrets masked: by the names of members, and within texts. */
export function redactValue(value: unknown, name = '', depth = 4): unknown {
  if (WHOLE_NAME.test(name) && value !== null && value !== undefined) return MASK;
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return redact(describeError(value));
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '...';
  if (value instanceof Map || value instanceof Set) return redactValue([...value], name, depth - 1);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redactValue(item, '', depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item, key, depth - 1)]));
}

/** The error's stack with those of its causes. Not redacted. */
export function describeError(error: unknown, depth = 5): string {
  if (!(error instanceof Error))
    return typeof error === 'string' ? error : (JSON.stringify(redactValue(error)) ?? 'undefined');
  const own = error.stack?.includes(error.message)
    ? error.stack
    : `${error.name}: ${error.message}\n${error.stack ?? ''}`;
  const inner = error instanceof AggregateError ? error.errors : [];
  const causes = [...inner, ...(error.cause === undefined ? [] : [error.cause])];
  if (depth === 0 || causes.length === 0) return own;
  return [own, ...causes.slice(0, 5).map((cause) => `Caused by: ${describeError(cause, depth - 1)}`)].join('\n');
}
