import { boolean, choice, integer, optional } from '../option.js';

/** Options of an S3 store: in [glance_store], or in the section of a backend. */
export const S3_OPTIONS = {
  s3_store_host: optional(
    'The S3 service: a host, or http:// or https:// and a host, with a port where needed; unset for AWS by its region.',
    { formerly: ['DEFAULT.s3_store_host'] },
  ),
  s3_store_region_name: optional('Region of the bucket; unset: as the host or the environment say.'),
  s3_store_access_key: optional('Access key; unset: from the environment, the profile or the role of the instance.', {
    formerly: ['DEFAULT.s3_store_access_key'],
    secret: true,
  }),
  s3_store_secret_key: optional('Secret key.', { formerly: ['DEFAULT.s3_store_secret_key'], secret: true }),
  s3_store_bucket: optional('Bucket that holds the images.', { formerly: ['DEFAULT.s3_store_bucket'] }),
  s3_store_create_bucket_on_put: boolean('The first upload makes the bucket where there is none.', false, {
    formerly: ['DEFAULT.s3_store_create_bucket_on_put'],
  }),
  s3_store_bucket_url_format: choice(
    'Where URLs have the bucket: in the host (virtual) or in the path; auto is virtual on AWS, path elsewhere.',
    'auto',
    ['auto', 'virtual', 'path'],
  ),
  s3_store_large_object_size: integer(
    'MB from which an image goes in parts. Smaller ones go in one request where they fit into one part.',
    100,
    { min: 0 },
  ),
  s3_store_large_object_chunk_size: integer(
    'MB of a part, held in memory while it is sent; half of it, but no less than 5, for uploads that begin beside others.',
    10,
    { min: 5 },
  ),
  s3_store_thread_pools: integer('Parts of one image that are sent at once, at most.', 10, { min: 1 }),
  s3_store_cacert: optional('File of CA certificates (PEM) by which the service is verified.'),
} as const;
