import { readFileSync } from 'node:fs';
import type { Config } from '../config/load.js';
import type { Inspector } from '../domain/ports/inspector.js';
import type { Log } from '../domain/ports/log.js';
import type { V1Api } from '../http/v1/api.js';
import { currentDialect, manualDialect } from '../http/v1/dialect.js';
import type { V2Api } from '../http/v2/api.js';
import { createSchemas } from '../http/v2/schemas/create-schemas.js';
import { createInspector } from '../inspect/inspector.js';
import { StartupError } from '../process/startup-error.js';
import { DeliveryPlan } from '../service/delivery.js';
import { ExternalSources } from '../service/external-sources.js';
import { ImageService } from '../service/image-service.js';
import { LocationHashes } from '../service/location-hashes.js';
import { LocationImport } from '../service/location-import.js';
import { Locations } from '../service/locations.js';
import { MemberService } from '../service/member-service.js';
import { StorageLimit } from '../service/storage-limit.js';
import { UploadService } from '../service/upload-service.js';
import { deliveryRules } from './open-delivery.js';
import type { Parts } from './parts.js';

/** What both APIs do with images, over one registry and one set of stores. */
export function buildServices(config: Config, log: Log, parts: Parts) {
  const { DEFAULT: options } = config.values;
  const { registry, pool, watch, hasher, clock } = parts;
  const { images, quotas } = registry;
  const delivery = new DeliveryPlan(pool, deliveryRules(config));
  const locations = new Locations({ stores: pool, images, hasher, delivery, cache: parts.cache, log });
  const hashes = new LocationHashes({
    stores: pool,
    hasher,
    sizeCap: options.image_size_cap,
    retries: options.http_retries,
  });
  const storageLimit = new StorageLimit(quotas, options.user_storage_quota);
  const uploads = new UploadService({
    images,
    stores: pool,
    hasher,
    watch,
    log,
    storageLimit,
    sizeCap: options.image_size_cap,
    hashAlgorithm: options.hashing_algorithm,
  });
  const locationImport = new LocationImport({
    images,
    stores: pool,
    storageLimit,
    watch,
    hashes,
    log,
    secureHash: options.do_secure_hash,
    hashAlgorithm: options.hashing_algorithm,
    sizeCap: options.image_size_cap,
  });
  const { delayed_delete: delayedDelete, image_property_quota: propertyQuota } = options;
  return {
    images: new ImageService({ images, quotas, locations, hashes, clock, delayedDelete, propertyQuota }),
    members: new MemberService(registry.members, options.image_member_quota),
    uploads,
    hashes,
    locationImport,
    sources: new ExternalSources({
      images,
      stores: pool,
      uploads,
      hashes: options.do_secure_hash ? hashes : undefined,
      hashAlgorithm: options.hashing_algorithm,
      log,
    }),
    locations,
    storageLimit,
  };
}

export type Services = ReturnType<typeof buildServices>;

export function buildV1(config: Config, services: Services, parts: Parts): V1Api {
  const { DEFAULT: options, image_format: formats, glimpse } = config.values;
  return {
    ...services,
    policy: parts.policies.v1,
    protections: parts.protections.v1,
    dialect: glimpse.v1_dialect === 'manual' ? manualDialect : currentDialect,
    formats: { disk: formats.disk_formats, container: formats.container_formats },
    listLimits: { standard: options.limit_param_default, most: options.api_limit_max },
    sizeCap: options.image_size_cap,
    storeNames: new Set([...parts.pool.schemes, ...parts.pool.stores.map((store) => store.id)]),
  };
}

/** The operator's own properties of images, from a file called schema-image.json beside the configuration. Throws StartupError for a broken one. */
function operatorSchema(config: Config): unknown {
  const file = config.find('schema-image.json');
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartupError(`${file}: ${error instanceof Error ? error.message : String(error)}`, 1, { cause: error });
  }
}

export function buildInspector({ values: { image_format: formats } }: Config): Inspector {
  return createInspector({
    requireImageFormatMatch: formats.require_image_format_match,
    gptSafetyChecksNonfatal: formats.gpt_safety_checks_nonfatal,
    vmdkAllowedTypes: formats.vmdk_allowed_types,
  });
}

const minorOf = (version: string): number => Number(version.split('.')[1]);

export function buildV2(config: Config, services: Services, parts: Parts): V2Api {
  const { DEFAULT: options, image_format: formats, glimpse } = config.values;
  const known = { disk: formats.disk_formats, container: formats.container_formats };
  return {
    ...services,
    policy: parts.policies.v2,
    protections: parts.protections.v2,
    stores: parts.pool,
    showsWeights: glimpse.api_version === null || minorOf(glimpse.api_version) > 16,
    accelPrefix: glimpse.accel_redirect_prefix ?? '',
    schemas: createSchemas(known, operatorSchema(config)),
    inspector: buildInspector(config),
    listLimits: { standard: options.limit_param_default, most: options.api_limit_max },
    view: { directUrl: options.show_image_direct_url, locations: options.show_multiple_locations },
    sizeCap: options.image_size_cap,
    hashAlgorithm: options.hashing_algorithm,
    locationQuota: options.image_location_quota,
    propertyQuota: options.image_property_quota,
    tagQuota: options.image_tag_quota,
  };
}
