import { Sessions } from '../../../net/sessions.js';
import type { CloudAccess } from './access.js';
import { type CloudSession, logIn } from './cloud-session.js';
import { type CloudAnswer, type CloudRequest, CloudTransport } from './cloud-transport.js';
import type { ProxiesFor, TransportLimits } from './cloud-ways.js';
import { refusal } from './said-by-server.js';

export interface ImageRequest extends CloudRequest {
  /** From the version on: `/v2/images`. */
  readonly path: string;
  readonly query?: string;
}

/** Milliseconds before its end at which a token is replaced: what begins with it should end with it. */
const RENEW_MS = 600_000;

/** The Image service of a cloud, with a token that is replaced before it ends and when it is refused. */
export class ImageClient {
  readonly #transport: CloudTransport;
  readonly #sessions: Sessions<CloudSession>;

  private constructor(transport: CloudTransport, access: CloudAccess) {
    this.#transport = transport;
    this.#sessions = new Sessions(() => logIn(transport, access), RENEW_MS);
  }

  /** Connects to nothing yet. Throws SyncError usage for a certificate that cannot be read. */
  static async open(access: CloudAccess, proxiesFor: ProxiesFor, limits?: TransportLimits): Promise<ImageClient> {
    return new ImageClient(await CloudTransport.open(access.tls, proxiesFor, limits), access);
  }

  /** Throws as logIn does. */
  session(): Promise<CloudSession> {
    return this.#sessions.current();
  }

  /** The endpoint without a version, which paths are behind. */
  async base(): Promise<string> {
    return (await this.session()).endpoint.replace(/\/v\d+(?:\.\d+)?$/, '');
  }

  /** An answer of any status; after a 401 that of a second try with a new token, but for a stream. Throws SyncError, and the signal's reason. */
  async send(request: ImageRequest): Promise<CloudAnswer> {
    const session = await this.session();
    const answer = await this.#ask(session, request);
    if (answer.status !== 401) return answer;
    this.#sessions.drop(session);
    return typeof request.body === 'object' ? answer : this.#ask(await this.session(), request);
  }

  /** The answer, when its status is one of these. Throws SyncError destination that begins with `what` for any other, and as send does. */
  async expect(what: string, statuses: readonly number[], request: ImageRequest): Promise<CloudAnswer> {
    const answer = await this.send(request);
    if (!statuses.includes(answer.status)) throw refusal(what, await this.base(), answer);
    return answer;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #ask(session: CloudSession, { path, query, headers, ...request }: ImageRequest): Promise<CloudAnswer> {
    const url = new URL((await this.base()) + path);
    if (query !== undefined) url.search = query;
    return this.#transport.ask(url, { ...request, headers: { ...headers, ...session.headers } });
  }
}
