import type { Delivery } from '../../../domain/location.js';
import { DELIVERIES } from '../../../domain/location.js';
import { compileSchema, schemaFault } from '../validate.js';

/** What a request to the Location API says (image-api-v2 section 2.6). */
export interface LocationRequest {
  readonly url: string;
  readonly validation_data?: { readonly os_hash_algo: string; readonly os_hash_value: string };
  /** An addition: how the bytes are to reach clients. */
  readonly delivery?: Delivery;
}

const isLocation = compileSchema<LocationRequest>({
  type: 'object',
  required: ['url'],
  properties: {
    url: { type: 'string', minLength: 1, maxLength: 65_536 },
    validation_data: {
      type: 'object',
      additionalProperties: false,
      required: ['os_hash_algo', 'os_hash_value'],
      properties: {
        os_hash_algo: { type: 'string', enum: ['sha1', 'sha256', 'sha512', 'md5'] },
        os_hash_value: { type: 'string', maxLength: 128 },
      },
    },
    delivery: { type: 'string', enum: DELIVERIES },
  },
});

/** Reads such a request. Throws 400 with the first thing that is wrong. */
export function readLocation(body: object): LocationRequest {
  if (isLocation(body)) return body;
  const [error] = isLocation.errors ?? [];
  if (error === undefined) throw new Error('a refused body has an error');
  throw schemaFault('location', error);
}
