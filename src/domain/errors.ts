/** Every way in which the registry says no; `src/http/error-map.ts` gives each its status code. */
export const ERROR_KINDS = [
  'invalid',
  'unauthenticated',
  'identity-unavailable',
  'forbidden',
  'not-found',
  'conflict',
  'duplicate',
  'bad-transition',
  'too-large',
  'quota',
  'range',
  'unsupported-media',
  'storage-full',
  'storage-denied',
  'storage-disabled',
  'storage-unavailable',
  'in-use',
  'gone',
  'client-closed',
  'busy',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** The one family of expected errors. Its message may be shown to the client: no secret, no path, no credential in it. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  constructor(
    readonly kind: ErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The client said one thing of its upload and sent another. Each API has its own words for it. */
export class UploadMismatch extends RegistryError {
  constructor(
    readonly attribute: 'size' | 'checksum',
    readonly supplied: string | number,
    readonly actual: string | number,
  ) {
    super(
      'invalid',
      `Supplied ${attribute} (${supplied}) and ${attribute} generated from uploaded image (${actual}) did not match.`,
    );
  }
}

/** The bytes at an external location are not the ones that were recorded. */
export class SourceChanged extends RegistryError {
  constructor() {
    super('storage-unavailable', 'The source of the image has changed since it was registered.');
  }
}

/** True for a RegistryError of one of these kinds (of any, when none is named). */
export function isRegistryError(error: unknown, ...kinds: ErrorKind[]): error is RegistryError {
  return error instanceof RegistryError && (kinds.length === 0 || kinds.includes(error.kind));
}
