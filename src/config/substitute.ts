/**
 * Replaces `$name`, `${name}`, `$group.name` by the value that `find` gives, and `$$` and `\$` by a dollar sign, as oslo.config does;
 * any other dollar sign stays. Throws Error when `find` knows no such option (undefined).
 */
export function substitute(text: string, find: (group: string, name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  const pattern = /\\\$|\$\$|\$\{([_a-z][._a-z0-9]*)\}|\$([_a-z][_a-z0-9]*(?:\.[_a-z0-9]+)*)/gi;
  return text.replace(pattern, (whole: string, braced?: string, plain?: string) => {
    const reference = braced ?? plain;
    if (reference === undefined) return '$';
    const dot = reference.indexOf('.');
    const value = find(dot < 0 ? 'DEFAULT' : reference.slice(0, dot), reference.slice(dot + 1));
    if (value === undefined) throw new Error(`refers to ${whole}, which is no option (write $$ for a dollar sign)`);
    return value;
  });
}
