import { boolean, integer, real, size } from '../option.js';

/** [glimpse]: how much one project may do. */
export const PROJECT_LIMIT_OPTIONS = {
  project_requests_per_second: real(
    'Requests of one project in a second, beyond which they get 429 with Retry-After; 0 is no limit. Requests without a project count by their user or, anonymous ones, by their address (IPv6 by its /64). Each worker counts for itself.',
    0,
    { min: 0 },
  ),
  project_requests_burst: integer('Requests of one project that may come at once after a silence.', 100, { min: 1 }),
  project_concurrent_uploads: integer('Uploads of one project at the same time, in one worker; 0 is no limit.', 0, {
    min: 0,
  }),
  project_upload_bytes: size(
    'Bytes that one project may upload in project_bytes_period, in one worker; 0 is no limit. What is under way is never cut off: the next request waits.',
    0,
  ),
  project_download_bytes: size('The same for downloads through this server.', 0),
  project_bytes_period: integer('Seconds for which those bytes are.', 3600, { min: 1 }),
  project_limits_exempt_admins: boolean('Administrators have no such limits.', true),
  project_limits_tracked: integer(
    'Projects, users and addresses that are remembered; beyond them the one that was silent for longest is forgotten.',
    10000,
    { min: 100 },
  ),
} as const;
