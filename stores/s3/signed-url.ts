import type { S3Context } from './client.js';
import { rethrow } from './errors.js';

/** What the signature's version allows: a week. */
const LONGEST = 7 * 24 * 3600;

/** Store.signedUrl of the S3 store. With credentials of a role it ends with them. */
export async function signedUrl({ s3, place }: S3Context, key: string, seconds: number): Promise<string> {
  const [{ getSignedUrl }, { GetObjectCommand }] = await Promise.all([
    import('@aws-sdk/s3-request-presigner'),
    import('@aws-sdk/client-s3'),
  ]);
  const request = new GetObjectCommand({ Bucket: place.bucket, Key: key });
  return getSignedUrl(s3, request, { expiresIn: Math.min(Math.max(1, Math.floor(seconds)), LONGEST) }).catch(rethrow);
}
