import { isRegistryError } from '../../domain/errors.js';
import { shownUrl } from '../../net/url-rules.js';
import { codeOf } from '../../stream/file-errors.js';
import { SyncError } from '../sync-error.js';
import { TransientError } from './transient-error.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host cannot be looked up at the moment',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  ETIMEDOUT: 'nobody answered in time',
  UND_ERR_CONNECT_TIMEOUT: 'nobody answered in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_HEADERS_OVERFLOW: 'its answer has too many headers',
  UND_ERR_BODY_TIMEOUT: 'it fell silent',
};

/** Codes of certificates that do not hold, as node:tls gives them. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/** Why a URL could not be read, without what the URL keeps secret. What the rules on addresses say is `refused`. */
export function networkError(url: URL, error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const causes = chain(error);
  const guarded = causes.find((cause) => isRegistryError(cause));
  if (guarded !== undefined) return new SyncError('refused', `${shownUrl(url)}: ${messageOf(guarded)}`);
  const codes = causes.map(codeOf);
  const certificate = codes.find((code) => CERTIFICATE.test(code));
  if (certificate !== undefined) {
    return new SyncError(
      'unreachable',
      `${shownUrl(url)}: the certificate is not to be trusted (${certificate}); --source-cacert names the authority that signed it`,
      { cause: error },
    );
  }
  const code = codes.find((known) => REASONS[known] !== undefined) ?? codes.find((some) => some !== '') ?? '';
  return new TransientError(`${shownUrl(url)}: ${REASONS[code] ?? (code || 'it cannot be read')}`, { cause: error });
}

function chain(error: unknown): readonly unknown[] {
  const all: unknown[] = [];
  for (let next = error; next instanceof Error && all.length < 8; next = next.cause) {
    all.push(next, ...(next instanceof AggregateError ? next.errors : []));
  }
  return all.length > 0 ? all : [error];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
