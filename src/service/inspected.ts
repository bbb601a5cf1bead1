import { RegistryError } from '../domain/errors.js';
import type { Inspection } from '../domain/ports/inspector.js';
import type { Log } from '../domain/ports/log.js';

/** What an inspection found out about bytes that it accepted. */
export interface Findings {
  virtualSize: number | null;
}

/**
 * The same bytes, looked at on their way. Those of an image that is refused end with an error instead of an end,
 * so that the store keeps nothing of them. Throws unsupported-media.
 */
export async function* inspected(
  bytes: AsyncIterable<Uint8Array>,
  inspection: Inspection,
  findings: Findings,
  log: Log,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    inspection.update(chunk);
    yield chunk;
  }
  const verdict = inspection.finish();
  if (!verdict.accepted) throw new RegistryError('unsupported-media', verdict.message);
  for (const warning of verdict.warnings) log.warning(warning);
  findings.virtualSize = verdict.virtualSize;
}
