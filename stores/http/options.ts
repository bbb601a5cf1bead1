import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { GuardedFetchOptions } from '../../src/net/guarded-fetch.js';

/** The options' values as the configuration has them. */
export interface HttpStoreValues {
  /** `https_ca_certificates_file` */
  readonly caCertificatesFile?: string | null | undefined;
  /** `https_insecure` */
  readonly insecure?: boolean | undefined;
  /** `http_proxy_information`: `host:port` by scheme */
  readonly proxyInformation?: Readonly<Record<string, string>> | undefined;
}

/**
 * What the options of this store mean to the client that it goes out by; proxies are looked at by that client.
 * Throws an Error that names the option whose file has no certificates.
 */
export function parseHttpOptions(values: HttpStoreValues): Pick<GuardedFetchOptions, 'ca' | 'insecure' | 'proxies'> {
  const ca = values.caCertificatesFile ? certificates(values.caCertificatesFile) : undefined;
  return { ca, insecure: values.insecure === true, proxies: values.proxyInformation ?? {} };
}

function certificates(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    throw new Error(`https_ca_certificates_file: there are no certificates (PEM) to be read from ${path}.`, { cause });
  }
}
