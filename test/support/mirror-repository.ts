import { createHash } from 'node:crypto';
import { compress } from '../../src/compression/compress.js';
import { type Encoding, EXTENSIONS } from '../../src/compression/encoding.js';
import { writeSyncEntry } from '../../src/sync/formats/sync-entry.js';

export interface MadeImage {
  readonly name?: string;
  /** Of the image, not compressed. */
  readonly bytes: Buffer;
  readonly version?: string;
  readonly encoding?: Encoding;
  readonly diskFormat?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly protected?: boolean;
  readonly hidden?: true;
  readonly isPublic?: boolean;
  /** Lines that are put behind those of the `.properties` file: of a key that is there twice the last one counts. */
  readonly also?: string;
}

export const hexOf = (algorithm: string, bytes: string | Buffer): string =>
  createHash(algorithm).update(bytes).digest('hex');

/** Adds an image in our publisher's layout to the files of a repository; the path of its `.properties` file and of its data. */
export async function addImage(
  files: Map<string, Buffer>,
  folder: string,
  image: MadeImage,
): Promise<{ readonly sidecar: string; readonly data: string }> {
  const { bytes, encoding = 'gzip', version, diskFormat = 'raw' } = image;
  const stored = await compressed(encoding, bytes);
  const place = version === undefined ? folder : `${folder}/${version}`;
  const file = `image.${diskFormat}${EXTENSIONS[encoding]}`;
  const digests = (of: Buffer) => ({ md5: hexOf('md5', of), sha256: hexOf('sha256', of), sha512: hexOf('sha512', of) });
  const text = writeSyncEntry({
    name: image.name ?? 'An image',
    image: file,
    expand: encoding,
    size: bytes.length,
    expanded: digests(bytes),
    stored: encoding === 'none' ? { digests: {} } : { size: stored.length, digests: digests(stored) },
    ...(version === undefined ? {} : { version }),
    sets: [],
    tags: image.tags ?? [],
    protected: image.protected ?? false,
    ...(image.hidden ? { hidden: true } : {}),
    derived: [],
    attributes: new Map([
      ['disk_format', diskFormat],
      ['container_format', 'bare'],
      ['is_public', image.isPublic === false ? 'False' : 'True'],
    ]),
    properties: new Map(Object.entries(image.properties ?? {})),
  });
  files.set(`${place}/image.properties`, Buffer.from(text + (image.also ?? '')));
  files.set(`${place}/${file}`, stored);
  return { sidecar: `${place}/image.properties`, data: `${place}/${file}` };
}

async function compressed(encoding: Encoding, bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of compress(encoding, oneChunk(bytes), new AbortController().signal)) {
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** A directory of all images, as coreutils write it. `extra` are further lines. */
export function directoryOf(files: ReadonlyMap<string, Buffer>, algorithm = 'sha256', extra = ''): string {
  const listed = [...files].filter(([path]) => /^(images|repo)\//.test(path));
  return listed.map(([path, bytes]) => `${hexOf(algorithm, bytes)}  ${path}\n`).join('') + extra;
}

/** `repo/<generation>.json` for a directory to list. */
export function infoOf(generation: number, updated: Date, expires: Date): string {
  const rest = { publisher: 'A test', keys: [], sets: [] };
  return JSON.stringify({
    format: 'image-repo:1',
    generation,
    updated: updated.toISOString(),
    expires: expires.toISOString(),
    ...rest,
  });
}
