import { detailed, fault, type HttpFault } from '../fault.js';
import { faultBody } from '../fault-body.js';

/**
 * The text in which Glance's registry server said no: its whole plain body, which the API quoted in its own message.
 * Clients print it, so it is part of the contract (image-api-v1 section 4).
 */
export function registryText(answer: HttpFault): string {
  return faultBody(answer, undefined).body;
}

/** A 400 of the API that quotes the registry's 400 with this detail. */
export function quotedDetail(detail: string): HttpFault {
  return fault(400, registryText(detailed(400, detail)));
}

/** An answer of the API that quotes the registry's answer of the same status with this explanation. */
export function quotedExplanation(status: number, explanation: string): HttpFault {
  return fault(status, registryText(fault(status, explanation)));
}
