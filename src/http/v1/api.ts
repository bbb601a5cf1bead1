import type { Policy } from '../../domain/ports/policy.js';
import type { PropertyProtections } from '../../domain/ports/property-protections.js';
import type { ExternalSources } from '../../service/external-sources.js';
import type { ImageService } from '../../service/image-service.js';
import type { Locations } from '../../service/locations.js';
import type { MemberService } from '../../service/member-service.js';
import type { UploadService } from '../../service/upload-service.js';
import type { ListLimits } from '../list-request.js';
import type { Dialect } from './dialect.js';
import type { Formats } from './validate.js';

/** What the handlers of API v1 work with. */
export interface V1Api {
  readonly images: ImageService;
  readonly members: MemberService;
  readonly uploads: UploadService;
  readonly sources: ExternalSources;
  readonly locations: Locations;
  readonly policy: Policy;
  readonly protections: PropertyProtections;
  readonly dialect: Dialect;
  readonly formats: Formats;
  readonly listLimits: ListLimits;
  /** `image_size_cap`, bytes. */
  readonly sizeCap: number;
  /** Schemes of the stores that a client may name. */
  readonly storeNames: ReadonlySet<string>;
}
