import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The server's certificate, followed by those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** Authorities of clients: with them only clients that show a certificate of theirs are let in. */
  readonly ca: string | undefined;
}

export interface TlsIdentity {
  readonly options: SecureContextOptions;
  /** Whose certificate it is and how long it is good, for the log. */
  readonly summary: string;
}

/** Reads the files and tries them together. Throws Error that names the file, its option and what is wrong. */
export function readTls({ cert, key, ca }: TlsFiles): TlsIdentity {
  const chain = certificates('cert_file', cert);
  const own = chain.certificates[0];
  const secret = privateKey(key);
  if (!own.checkPrivateKey(secret.key)) {
    throw new Error(`key_file ${key} is not the key of the certificate in cert_file ${cert}`);
  }
  const options: SecureContextOptions = {
    cert: chain.pem,
    key: secret.pem,
    ...(ca === undefined ? {} : { ca: certificates('ca_file', ca).pem }),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new Error(`cert_file ${cert} and key_file ${key} cannot be used: ${reason(cause)}`, { cause });
  }
  return { options, summary: `${own.subject.replaceAll('\n', ', ')}, valid until ${own.validTo}` };
}

const BLOCK = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

function certificates(
  option: string,
  file: string,
): { pem: string; certificates: [X509Certificate, ...X509Certificate[]] } {
  const pem = read(option, file);
  try {
    const [first, ...others] = (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
    if (first === undefined) throw new Error('there is none in it');
    return { pem, certificates: [first, ...others] };
  } catch (cause) {
    throw new Error(`${option} ${file} does not hold certificates (PEM): ${reason(cause)}`, { cause });
  }
}

function privateKey(file: string): { pem: string; key: KeyObject } {
  const pem = read('key_file', file);
  try {
    return { pem, key: createPrivateKey(pem) };
  } catch (cause) {
    // Not what the library says: it could quote the file.
    throw new Error(`key_file ${file} does not hold a private key without a passphrase (PEM)`, { cause });
  }
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(`${option} ${file} cannot be read (${code})`, { cause });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
