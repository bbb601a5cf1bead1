/** Where the bytes of an image are. */
export interface Location {
  /** E.g. `file:///var/lib/glance/images/<id>` or `http://host/path`. May hold credentials: never logged, never shown by v1. */
  readonly url: string;
  /** Glance's location metadata; with several stores `store` names the one that holds the bytes. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'active' | 'pending_delete';
}
