import type { PublishSet } from './sets.js';

/** What a repository says of itself, and how long it keeps its word. */
export interface PublishSettings {
  /** In words for people. */
  readonly publisher: string;
  /** A host name. */
  readonly domain: string;
  /** With a slash at its end; undefined where readers find the repository is not known. */
  readonly baseUrl?: string;
  /** At least one, each name and each channel once. */
  readonly sets: readonly PublishSet[];
  /** Milliseconds that files stay after they left the lists. */
  readonly grace: number;
  /** Milliseconds after which readers are to take the repository for abandoned. */
  readonly lifetime: number;
  /** Images that are packed at once. */
  readonly jobs: number;
  /** Version of the program: what it writes may differ from what another one wrote. */
  readonly program: string;
}

/** `images.example.org` becomes `org.example.images`, as names in simplestreams begin. */
export function reversedDomain({ domain }: Pick<PublishSettings, 'domain'>): string {
  return domain.split('.').reverse().join('.');
}

/** `org.example:stable:download` */
export function contentId(settings: Pick<PublishSettings, 'domain'>, channel: string): string {
  return `${reversedDomain(settings)}:${channel}:download`;
}

/** The products file of a channel; a colon in a file name is too much for some systems. */
export function productsPath(settings: Pick<PublishSettings, 'domain'>, channel: string): string {
  return `streams/v1/${contentId(settings, channel).replaceAll(':', '-')}.json`;
}
