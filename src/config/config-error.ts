/** Every mistake of a configuration at once, each with its file and line where it has one. No secret values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** `exitCode`: 4 for wrong values, 1 for files that cannot be found or read, as Glance's programs exit. */
  constructor(
    readonly problems: readonly string[],
    readonly exitCode: 1 | 4 = 1,
  ) {
    super(
      problems.length === 1
        ? problems.join()
        : `${problems.length} mistakes in the configuration:\n  ${problems.join('\n  ')}`,
    );
  }
}
