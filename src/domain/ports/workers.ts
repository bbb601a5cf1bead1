/** The processes that upload into one registry, as far as this one can tell. */
export interface Workers {
  /** Id of this process; also part of its temp files' names, so it has only letters, digits, dots and hyphens. */
  readonly self: string;
  /** True when that process certainly runs no more; false when in doubt (another host, another container). */
  isGone(worker: string): boolean;
}
