import type { Middleware } from 'koa';
import type { Config } from '../config/load.js';
import type { RequestState } from '../http/context.js';
import { projectLimits } from '../http/middleware/project-limits.js';
import { ProjectLimits } from '../service/project-limits.js';

/** The limits of projects as middleware; none where none is set. */
export function buildLimits({ values: { glimpse } }: Config): Middleware<RequestState>[] {
  const rules = {
    requestsPerSecond: glimpse.project_requests_per_second,
    burst: glimpse.project_requests_burst,
    concurrentUploads: glimpse.project_concurrent_uploads,
    uploadBytes: glimpse.project_upload_bytes,
    downloadBytes: glimpse.project_download_bytes,
    period: glimpse.project_bytes_period,
    tracked: glimpse.project_limits_tracked,
  };
  const { requestsPerSecond, concurrentUploads, uploadBytes, downloadBytes } = rules;
  if (Math.max(requestsPerSecond, concurrentUploads, uploadBytes, downloadBytes) === 0) return [];
  return [projectLimits({ limits: new ProjectLimits(rules), exemptAdmins: glimpse.project_limits_exempt_admins })];
}
