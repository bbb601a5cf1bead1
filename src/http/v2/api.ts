import type { HashAlgorithm } from '../../domain/hash-algorithms.js';
import type { Inspector } from '../../domain/ports/inspector.js';
import type { Policy } from '../../domain/ports/policy.js';
import type { PropertyProtections } from '../../domain/ports/property-protections.js';
import type { StorePool } from '../../domain/ports/store-pool.js';
import type { ExternalSources } from '../../service/external-sources.js';
import type { ImageService } from '../../service/image-service.js';
import type { LocationImport } from '../../service/location-import.js';
import type { Locations } from '../../service/locations.js';
import type { MemberService } from '../../service/member-service.js';
import type { StorageLimit } from '../../service/storage-limit.js';
import type { UploadService } from '../../service/upload-service.js';
import type { ListLimits } from '../list-request.js';
import type { ImageView } from './present.js';
import type { Schemas } from './schemas/create-schemas.js';

/** What the handlers of API v2 work with. */
export interface V2Api {
  readonly images: ImageService;
  readonly members: MemberService;
  readonly uploads: UploadService;
  readonly locations: Locations;
  readonly sources: ExternalSources;
  readonly storageLimit: StorageLimit;
  readonly schemas: Schemas;
  readonly protections: PropertyProtections;
  readonly listLimits: ListLimits;
  readonly view: Pick<ImageView, 'directUrl' | 'locations'>;
  readonly stores: StorePool;
  /** Whether administrators are told the weights of stores: releases up to 2.16 did not. */
  readonly showsWeights: boolean;
  readonly locationImport: LocationImport;
  /** `accel_redirect_prefix`. */
  readonly accelPrefix: string;
  readonly policy: Policy;
  readonly inspector: Inspector;
  /** `image_size_cap`, bytes. */
  readonly sizeCap: number;
  /** `hashing_algorithm`. */
  readonly hashAlgorithm: HashAlgorithm;
  /** `image_location_quota`; negative is unlimited. */
  readonly locationQuota: number;
  /** `image_property_quota`; negative is unlimited. */
  readonly propertyQuota: number;
  /** `image_tag_quota`; negative is unlimited. */
  readonly tagQuota: number;
}
