/** Why a program cannot start, in words for its operator, and the exit code that says so: 1, 3 for a store, 4 for a wrong value, as Glance's programs exit. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  constructor(
    message: string,
    readonly exitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
