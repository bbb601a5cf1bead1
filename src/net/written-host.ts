/**
 * The host in the text of a URL, letter for letter, where every reader of URLs finds the same one: after `scheme://` or `//`, behind the last `@`.
 * `inherited` for a relative reference; `ambiguous` for text in which programs disagree on the host, or that has none.
 */
export function writtenHost(text: string): { readonly host: string } | 'inherited' | 'ambiguous' {
  // The URL parser drops tabs and line ends anywhere, and reads a backslash as a slash.
  if (/[\p{Cc}\\]/u.test(text)) return 'ambiguous';
  const [, scheme, authority] = /^([a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?/i.exec(text) ?? [];
  if (authority === undefined) return scheme === undefined ? 'inherited' : 'ambiguous';
  const [, host] = /^(?:.*@)?(\[[^[\]@]*\]|[^:@[\]]+)(?::\d*)?$/.exec(authority) ?? [];
  return host === undefined ? 'ambiguous' : { host };
}
