/** What the image's record says of the bytes that come. */
export interface DeclaredFormats {
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
}

/** The safety rule that a stream broke. */
export interface FailedCheck {
  /** Name of the format whose rule it is, as in disk_format. */
  readonly format: string;
  /** E.g. `backing_file`, `descriptor`, `mbr`. */
  readonly check: string;
  /** One sentence; quotes nothing of the stream. */
  readonly reason: string;
}

/** What the bytes turned out to be. Messages may be shown to the client. */
export type Verdict =
  | {
      readonly accepted: true;
      /** Bytes of the disk that the guest sees; null where the bytes do not say. */
      readonly virtualSize: number | null;
      /** For the log: what would have been refused under stricter options, or is worth a look. */
      readonly warnings: readonly string[];
    }
  | { readonly accepted: false; readonly reason: 'mismatch'; readonly message: string }
  | { readonly accepted: false; readonly reason: 'unsafe'; readonly message: string; readonly failed: FailedCheck };

/** Looks at one stream of bytes as it passes; keeps a bounded part of it and never interrupts it. */
export interface Inspection {
  /** Takes the next bytes; they may be reused by the caller when it returns. Never throws, whatever the bytes. */
  update(chunk: Uint8Array): void;
  /** The stream is over. To be called once, and not at all for a stream that broke off. */
  finish(): Verdict;
}

/** Finds out whether the bytes of an image are what its record says, and safe to hand to a hypervisor. */
export interface Inspector {
  start(declared: DeclaredFormats): Inspection;
}
