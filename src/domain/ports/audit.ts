/** Who did what to which image, from where, with what result. Nothing in it is a secret: no tokens, no URLs, no bodies. */
export interface AuditEntry {
  readonly requestId: string;
  readonly user: string | null;
  readonly project: string | null;
  readonly roles: readonly string[];
  readonly admin: boolean;
  /** The client's, as far as declared proxies tell it. */
  readonly address: string;
  readonly api: 'v1' | 'v2' | null;
  readonly method: string;
  /** `create`, `download`, `add-member`, ... */
  readonly action: string;
  readonly image: string | null;
  /** The member, the tag or the store that the action is about. */
  readonly subject: string | null;
  /** 499 when the client left before there was an answer. */
  readonly status: number;
  /** `ok`; `refused`, to who may not; `failed`; `aborted`, when the answer did not get to its end. */
  readonly result: 'ok' | 'refused' | 'failed' | 'aborted';
  /** Why, as one of a fixed set of words; null where all went well. */
  readonly reason: string | null;
  /** Of image data, received or sent. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Keeps what auditors ask for. */
export interface Audit {
  /** Never throws, and never waits. */
  write(entry: AuditEntry): void;
}
