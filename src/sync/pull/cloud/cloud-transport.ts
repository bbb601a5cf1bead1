import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { inside } from '../../../net/json.js';
import { isSyncError, SyncError } from '../../sync-error.js';
import type { CloudAccess } from './access.js';
import { CloudWays, DEFAULT_TRANSPORT_LIMITS, type ProxiesFor, type TransportLimits } from './cloud-ways.js';

export interface CloudRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly signal?: AbortSignal;
}

export interface CloudAnswer {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  readonly text: string;
}

const REPETITIONS = 2;
const PASSING = [502, 503, 504];

/** HTTP to the services of a cloud. Redirects are not followed: a token goes where it was meant to go. */
export class CloudTransport {
  private constructor(
    private readonly ways: CloudWays,
    private readonly limits: TransportLimits,
  ) {}

  /** Connects to nothing yet. Throws SyncError usage for a certificate that cannot be read. */
  static async open(
    tls: CloudAccess['tls'],
    proxiesFor: ProxiesFor,
    limits = DEFAULT_TRANSPORT_LIMITS,
  ): Promise<CloudTransport> {
    const [ca, cert, key] = await Promise.all([tls.cacert, tls.cert, tls.key].map(pemOf));
    const pem = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    return new CloudTransport(new CloudWays({ ...pem, rejectUnauthorized: !tls.insecure }, proxiesFor, limits), limits);
  }

  /**
   * An answer of any status. What only reads is repeated when it fails for a passing reason.
   * Throws SyncError unreachable when no answer comes, mismatch for a body of another length than its header's, and the signal's reason.
   */
  async ask(url: URL, request: CloudRequest): Promise<CloudAnswer> {
    for (let left = ['GET', 'HEAD'].includes(request.method) ? REPETITIONS : 0; ; left -= 1) {
      try {
        const answer = await this.#once(url, request);
        if (left === 0 || !PASSING.includes(answer.status)) return answer;
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        if (isSyncError(error)) throw error;
        if (left === 0) throw unreachable(url, error, typeof request.body === 'object');
      }
      await wait(this.limits.retryMs * 4 ** (REPETITIONS - left));
    }
  }

  /** Ends every connection, those in use included. */
  close(): Promise<void> {
    return this.ways.destroy();
  }

  async #once(url: URL, { method, headers = {}, body, signal }: CloudRequest): Promise<CloudAnswer> {
    const {
      statusCode,
      headers: received,
      body: answer,
    } = await this.ways.request(url, {
      method,
      headers: { 'user-agent': 'glimpse', accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
      ...(typeof body === 'object' ? { headersTimeout: this.limits.uploadMs } : {}),
    });
    const text = await answer.text();
    return { status: statusCode, header: (name) => [received[name]].flat()[0], text };
  }
}

async function pemOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SyncError('usage', `${path} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

/** A body that is not as long as it was said to be never reaches the server whole. */
const WRONG_LENGTH = 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH';

function unreachable(url: URL, error: unknown, upload: boolean): SyncError {
  const code = inside(error, 'code');
  if (code === WRONG_LENGTH)
    return new SyncError('mismatch', 'The image has not as many bytes as were announced.', { cause: error });
  const hint = typeof code === 'string' && UNTRUSTED.test(code) ? ' (OS_CACERT names the certificates to trust)' : '';
  const what = upload ? 'broke off the upload' : 'cannot be reached';
  return new SyncError('unreachable', `${url.origin} ${what}: ${reasonOf(error)}${hint}.`, { cause: error });
}

/** The innermost reason: several addresses of a host fail with one error each. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
