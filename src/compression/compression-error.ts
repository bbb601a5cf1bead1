/** Bytes that are not what their encoding demands; bytes that expand beyond the limit; an encoding whose tool this machine lacks. */
export type CompressionErrorKind = 'invalid' | 'too-large' | 'unavailable';

/** Why bytes could not be compressed or expanded. The message names the encoding and may be shown to anybody. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError';
  constructor(
    readonly kind: CompressionErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
