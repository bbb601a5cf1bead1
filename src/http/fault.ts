/**
 * An answer that says no. `explanation` replaces the default text of the status, `detail` follows it:
 * which of the two a message belongs in is part of the contract (image-api-v1 section 1.0).
 */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  constructor(
    readonly status: number,
    readonly text: { readonly explanation?: string; readonly detail?: string } = {},
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(text.detail ?? text.explanation ?? `HTTP ${status}`, options);
  }
}

/** A fault whose message is its explanation. */
export function fault(status: number, explanation?: string): HttpFault {
  return new HttpFault(status, explanation === undefined ? {} : { explanation });
}

/** A fault whose message follows the default explanation of its status. */
export function detailed(status: number, detail: string): HttpFault {
  return new HttpFault(status, { detail });
}
