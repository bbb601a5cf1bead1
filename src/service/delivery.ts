import type { Image } from '../domain/image.js';
import type { Delivery, Location } from '../domain/location.js';
import type { StorePool } from '../domain/ports/store-pool.js';

/** Who reads, as far as delivery goes by it. */
export interface Reader {
  /** IP address. */
  readonly address: string;
  /** Carries a token, which a client would hand on to wherever it is sent. */
  readonly hasToken: boolean;
  /** Says by itself that it would follow a redirect. */
  readonly wantsRedirect: boolean;
}

/** Where a reader gets the bytes instead of from this process. */
export type Elsewhere =
  | { readonly kind: 'redirect'; readonly url: string }
  /** A file that the web server in front sends by itself. */
  | { readonly kind: 'file'; readonly path: string };

export interface DeliveryRules {
  /** For locations and networks that say nothing. */
  readonly standard: Delivery;
  /** The first that has the reader's address decides. */
  readonly networks: readonly { readonly has: (address: string) => boolean; readonly delivery: Delivery }[];
  /** Readers may ask for redirects, and locations may say so. */
  readonly onRequest: boolean;
  /** Redirects requests with tokens as well. */
  readonly redirectsTokens: boolean;
  /** Seconds for which URLs of S3 and Swift are signed; undefined when readers are not sent there. */
  readonly signedSeconds: number | undefined;
  /** The web server in front sends files of filesystem stores. */
  readonly sendsFiles: boolean;
}

/** Decides by which way an image's bytes reach a reader (sync-and-manager section 5.3). */
export class DeliveryPlan {
  constructor(
    private readonly stores: StorePool,
    private readonly rules: DeliveryRules,
  ) {}

  /** How an external location is delivered: the location's own word, else that of the reader's network, else the standard. Nobody but the operator allows redirects. */
  of(location: Location, reader: Reader): Delivery {
    const { networks, onRequest, standard } = this.rules;
    const chosen = location.external?.delivery ?? (reader.wantsRedirect ? 'redirect' : null);
    if (chosen !== null && (chosen !== 'redirect' || onRequest)) return chosen;
    return networks.find(({ has }) => has(reader.address))?.delivery ?? standard;
  }

  /** Where the reader is sent for the bytes at this location; undefined when they go through here. */
  async elsewhere(image: Image, location: Location, reader: Reader): Promise<Elsewhere | undefined> {
    const { redirectsTokens, signedSeconds, sendsFiles } = this.rules;
    const mayRedirect = redirectsTokens || !reader.hasToken;
    if (location.external !== undefined) {
      const redirects = mayRedirect && !location.external.stale && this.of(location, reader) === 'redirect';
      const url = redirects ? plainWebUrl(location.url) : undefined;
      return url === undefined ? undefined : { kind: 'redirect', url };
    }
    const store = this.stores.forLocation(location);
    if (sendsFiles && store.filePath !== undefined) {
      // For a file that is not there the web server would answer; here the next location is tried.
      await store.size(location);
      return { kind: 'file', path: store.filePath(location) };
    }
    if (signedSeconds === undefined || !mayRedirect || image.size === 0) return undefined;
    const url = await store.signedUrl?.(location, signedSeconds);
    return url === undefined ? undefined : { kind: 'redirect', url };
  }
}

/** A URL that may be told to anybody, on the web and without credentials, as it can stand in a header; undefined for any other. */
function plainWebUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return plain ? url.href : undefined;
}
