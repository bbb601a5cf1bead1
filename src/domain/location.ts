/** How the bytes of an external location reach a client: through this server, through a copy that it keeps, or from the origin itself. */
export const DELIVERIES = ['proxy', 'cache', 'redirect'] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** What was recorded of bytes that somebody else keeps (sync-and-manager section 5.3): they are read, never removed. */
export interface ExternalSource {
  /** Chosen for this location; null leaves it to the configuration. */
  readonly delivery: Delivery | null;
  /** Bytes. */
  readonly size: number | null;
  /** The origin's strong validator, quotes included. */
  readonly etag: string | null;
  /** `algorithm` by node:crypto's name, `value` in hex. */
  readonly digest: { readonly algorithm: string; readonly value: string } | null;
  /** A reading found other bytes than those that were recorded. */
  readonly stale: boolean;
}

/** Where the bytes of an image are. */
export interface Location {
  /** E.g. `file:///var/lib/glance/images/<id>` or `http://host/path`. May hold credentials: never logged, never shown by v1. */
  readonly url: string;
  /** Glance's location metadata; with several stores `store` names the one that holds the bytes. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'active' | 'pending_delete';
  /** Set where the bytes are not a store's own: a client named them by URL. */
  readonly external?: ExternalSource;
}

/** The URL of a location without the credentials that it may carry: in those of S3 and Swift they may have any character. */
export function shownUrl({ url }: Pick<Location, 'url'>): string {
  return url.replace(/^((?:s3|swift)[a-z+]*:\/\/).*@/is, '$1').replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
}

/** An external location of which nothing is known yet. */
export const UNKNOWN_SOURCE: ExternalSource = { delivery: null, size: null, etag: null, digest: null, stale: false };
