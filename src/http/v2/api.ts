import type { Inspector } from '../../domain/ports/inspector.js';
import type { Policy } from '../../domain/ports/policy.js';
import type { ImageService } from '../../service/image-service.js';
import type { Locations } from '../../service/locations.js';
import type { MemberService } from '../../service/member-service.js';
import type { UploadService } from '../../service/upload-service.js';

/** What the handlers of API v2 work with. */
export interface V2Api {
  readonly images: ImageService;
  readonly members: MemberService;
  readonly uploads: UploadService;
  readonly locations: Locations;
  readonly policy: Policy;
  readonly inspector: Inspector;
  /** `image_size_cap`, bytes. */
  readonly sizeCap: number;
  /** `image_tag_quota`; negative is unlimited. */
  readonly tagQuota: number;
}
