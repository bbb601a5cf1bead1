import { DELIVERIES, type Delivery } from '../../domain/location.js';
import { boolean, choice, integer, type Option, optional, size } from '../option.js';

/** How external bytes reach the clients of one network. */
export interface NetworkDelivery {
  /** Address or CIDR. */
  readonly network: string;
  readonly delivery: Delivery;
}

/** `10.0.0.0/8=cache, fd00::/8=redirect`. Throws Error saying what it must be. */
function parseNetworks(text: string): readonly NetworkDelivery[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.map((entry) => {
    const [network = '', mode = ''] = entry.split('=').map((part) => part.trim());
    const delivery = DELIVERIES.find((one) => one === mode);
    if (network === '' || delivery === undefined) {
      throw new Error(`must be a list such as 10.0.0.0/8=cache, with one of ${DELIVERIES.join(', ')} for each network`);
    }
    return { network, delivery };
  });
}

const NETWORKS: Option<readonly NetworkDelivery[]> = {
  ...optional(
    'The same by the network of the client, as CIDR=delivery pairs of which the first that fits counts, such as 10.0.0.0/8=cache.',
  ),
  fallback: [],
  type: 'list of CIDR=delivery',
  parse: (texts) => parseNetworks(texts.at(-1) ?? ''),
};

/** [glimpse]: how bytes reach clients that do not have to go through this server. */
export const DELIVERY_OPTIONS = {
  location_delivery: choice(
    'How the bytes of external locations reach clients, where the location says nothing: through this server, through a copy that it keeps, or by a redirect to their origin.',
    'proxy',
    DELIVERIES,
  ),
  location_delivery_networks: NETWORKS,
  location_redirect_on_request: boolean(
    'Clients that ask for it (Prefer: redirect, or ?redirect=1) are sent to the origin, and so are those of a location that says so.',
    false,
  ),
  location_cache_dir: optional(
    'Folder of copies of external locations, with nothing else in it; without one they are not kept. Only bytes whose digest is known are kept (do_secure_hash, or what clients give).',
  ),
  location_cache_max_size: size(
    'Bytes of those copies together; the ones that were not read for longest go first.',
    10737418240,
  ),
  redirect_with_token: boolean(
    'Requests that carry a token are redirected as well. Most clients send the token on to wherever they are redirected.',
    false,
  ),
  direct_download_seconds: integer(
    'Seconds for which clients are given signed URLs of S3 and Swift instead of bytes; 0 is never.',
    0,
    { min: 0, max: 604800 },
  ),
  accel_redirect_prefix: optional(
    'nginx in front sends the files of filesystem stores by itself: the path of its internal location, such as /stored (X-Accel-Redirect; etc/nginx has a sample).',
  ),
} as const;
