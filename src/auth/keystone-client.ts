import {
  endpointIn,
  identityUrl,
  type KeystoneProof,
  type KeystoneToken,
  readToken,
  tokenRequest,
} from '../net/keystone-token.js';
import { Sessions } from '../net/sessions.js';
import { identityUnavailable, KeystoneTransport, type KeystoneTransportOptions } from './keystone-transport.js';
import { type TokenFacts, tokenFacts } from './token-facts.js';

export interface KeystoneOptions extends KeystoneTransportOptions {
  /** URL of the Identity API, with or without a version. */
  readonly address: string;
  /** How this server logs in; or a token that it has been given. */
  readonly proof: KeystoneProof | { readonly by: 'token'; readonly token: string };
  /** Interface and region of the endpoint that validates. */
  readonly interface: string;
  readonly region: string | undefined;
  /** Milliseconds of the epoch; the system's clock unless given. */
  readonly now?: () => number;
}

/** Milliseconds before the end of this server's own token at which it is replaced. */
const RENEW_MS = 120_000;

/** A token of this server's own, and where others are validated with it. */
interface Access {
  readonly token: string;
  readonly expiresAt: number;
  readonly endpoint: string;
}

/** Validates tokens at Keystone (Identity API v3), with a token of this server's own that is replaced before it ends and when it is refused. */
export class KeystoneClient {
  readonly #options: KeystoneOptions;
  readonly #transport: KeystoneTransport;
  readonly #sessions: Sessions<Access>;
  readonly #address: string;

  /** Connects to nothing yet. */
  constructor(options: KeystoneOptions) {
    this.#options = options;
    this.#address = identityUrl(options.address);
    this.#transport = new KeystoneTransport(options);
    this.#sessions = new Sessions(() => this.#logIn(), RENEW_MS, options.now);
  }

  /**
   * What a token is good for, also one that has expired if `allowExpired`; undefined for a token that Keystone does not take.
   * Throws identity-unavailable when Keystone is out, or does not let this server validate.
   */
  async validate(token: string, allowExpired: boolean): Promise<TokenFacts | undefined> {
    let access = await this.#sessions.current();
    let answer = await this.#ask(access, token, allowExpired);
    if (answer.status === 401) {
      this.#sessions.drop(access);
      access = await this.#sessions.current();
      answer = await this.#ask(access, token, allowExpired);
    }
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw identityUnavailable(`Keystone answered a validation with ${answer.status}.`);
    const facts = tokenFacts(answer.text);
    if (facts === undefined) throw identityUnavailable('Keystone answered a validation with something else.');
    return facts;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #ask({ token, endpoint }: Access, subject: string, allowExpired: boolean) {
    // Nobody here reads the catalog of a client's token, which is the larger part of the answer.
    const query = allowExpired ? '?nocatalog&allow_expired=1' : '?nocatalog';
    return this.#transport.ask(`${endpoint}/auth/tokens${query}`, {
      method: 'GET',
      headers: { 'x-auth-token': token, 'x-subject-token': subject },
    });
  }

  async #logIn(): Promise<Access> {
    const { proof, interface: name, region } = this.#options;
    if (proof.by === 'token') {
      return { token: proof.token, expiresAt: Number.POSITIVE_INFINITY, endpoint: this.#address };
    }
    const { token, expiresAt, catalog } = await this.#requestToken(proof);
    const url = endpointIn(catalog, { serviceType: 'identity', interface: name, region });
    return { token, expiresAt, endpoint: url === undefined ? this.#address : identityUrl(url) };
  }

  async #requestToken(proof: KeystoneProof): Promise<KeystoneToken> {
    const answer = await this.#transport.ask(`${this.#address}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: tokenRequest(proof),
    });
    if (answer.status !== 201)
      throw identityUnavailable(`Keystone answered the login of this server with ${answer.status}.`);
    const token = readToken(answer.subjectToken, answer.text);
    if (token === undefined) throw identityUnavailable('Keystone answered the login of this server with no token.');
    return token;
  }
}
