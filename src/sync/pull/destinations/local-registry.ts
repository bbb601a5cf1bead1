import type { Actor } from '../../../domain/actor.js';
import { isRegistryError } from '../../../domain/errors.js';
import type { Image, ImageChange } from '../../../domain/image.js';
import type { Inspector } from '../../../domain/ports/inspector.js';
import type { ImageService } from '../../../service/image-service.js';
import type { UploadService } from '../../../service/upload-service.js';
import { SyncError } from '../../sync-error.js';
import type { Destination, Draft, FittedDraft, RemoteChange, RemoteImage } from '../destination.js';
import { checkChange, checkDraft, type DraftRules } from './draft-rules.js';
import { fitForV2 } from './reserved-names.js';

export interface LocalRegistryOptions extends DraftRules {
  readonly images: ImageService;
  readonly uploads: UploadService;
  readonly inspector: Inspector;
  /** The project that new images belong to; nobody's when undefined. */
  readonly owner: string | undefined;
  /** Closes what all of this is built on. */
  close(): Promise<void>;
}

const PAGE = 1000;
/** Tries of a change that somebody else's changes come before. */
const TRIES = 5;

/** The registry and the stores of a configuration, by the services that the API uses, as an administrator; no policy is asked. */
export class LocalRegistry implements Destination {
  readonly api = 'registry';
  readonly project: string | undefined;
  readonly #actor: Actor;

  constructor(private readonly options: LocalRegistryOptions) {
    const { owner = null } = options;
    this.project = options.owner;
    this.#actor = { user: null, tenant: owner, owner, roles: ['admin'], isAdmin: true, readOnly: false };
  }

  fit(draft: Draft): FittedDraft {
    return fitForV2(draft);
  }

  async list(): Promise<readonly RemoteImage[]> {
    return said(async () => {
      const images: Image[] = [];
      for (let more = true; more; ) {
        const marker = images.at(-1);
        const page = await this.options.images.list({
          scope: [{ of: 'everything' }],
          filters: [],
          sort: [{ field: 'createdAt', direction: 'desc' }],
          limit: PAGE,
          deleted: 'exclude',
          ...(marker === undefined ? {} : { marker }),
        });
        images.push(...page.items);
        more = page.more;
      }
      return images.map(shown);
    });
  }

  async create(draft: Draft): Promise<string> {
    checkDraft(draft, this.options);
    const { name, diskFormat, containerFormat, minDisk, minRam, properties, tags } = draft;
    const fields = { name, diskFormat, containerFormat, minDisk, minRam, properties, tags: new Set(tags) };
    const image = await said(() =>
      this.options.images.register(this.#actor, { ...fields, visibility: 'private', status: 'queued' }),
    );
    return image.id;
  }

  async upload(
    id: string,
    bytes: AsyncIterable<Uint8Array>,
    size: number | undefined,
    signal: AbortSignal,
  ): Promise<RemoteImage> {
    signal.throwIfAborted();
    const { images, uploads, inspector } = this.options;
    const image = await said(() => images.show(this.#actor, id));
    const active = await said(() =>
      uploads.upload(image, {
        open: () => bytes,
        store: undefined,
        length: size,
        expected: { size, checksum: undefined },
        from: ['queued'],
        failed: 'queued',
        signal,
        inspection: inspector.start(image),
      }),
    );
    return shown(active);
  }

  async change(id: string, change: RemoteChange): Promise<void> {
    checkChange(change, this.options);
    const { images } = this.options;
    for (let left = TRIES - 1; ; left -= 1) {
      try {
        const image = await images.show(this.#actor, id);
        const wanted = changeOf(image, change);
        images.checkProperties(wanted.properties?.set ?? new Map());
        await images.amend(this.#actor, image, wanted);
        return;
      } catch (error) {
        if (left === 0 || !isRegistryError(error, 'conflict')) throw inWords(error);
      }
    }
  }

  async remove(id: string): Promise<void> {
    const { images } = this.options;
    try {
      await images.delete(this.#actor, await images.show(this.#actor, id));
    } catch (error) {
      if (!isRegistryError(error, 'not-found')) throw inWords(error);
    }
  }

  close(): Promise<void> {
    return this.options.close();
  }
}

function changeOf(image: Image, { set, unset, tags, ...fields }: RemoteChange): ImageChange {
  const moved = set !== undefined || (unset?.length ?? 0) > 0;
  const kept = [...image.properties].filter(([name]) => !unset?.includes(name));
  return {
    ...fields,
    ...(tags === undefined ? {} : { tags: new Set(tags) }),
    ...(moved ? { properties: { set: new Map([...kept, ...(set ?? [])]), purge: true } } : {}),
  };
}

function shown(image: Image): RemoteImage {
  return {
    id: image.id,
    name: image.name,
    status: image.status,
    visibility: image.visibility,
    owner: image.owner,
    size: image.size,
    checksum: image.checksum,
    hashAlgorithm: image.hashAlgorithm,
    hashValue: image.hashValue,
    diskFormat: image.diskFormat,
    containerFormat: image.containerFormat,
    minDisk: image.minDisk,
    minRam: image.minRam,
    protected: image.protected,
    hidden: image.hidden,
    tags: [...image.tags],
    properties: new Map([...image.properties].map(([name, value]) => [name, value ?? ''])),
  };
}

async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inWords(error);
  }
}

/** What the services refuse, as a destination's error; anything else, such as the error of the bytes themselves, as it is. */
function inWords(error: unknown): unknown {
  if (!isRegistryError(error)) return error;
  return new SyncError('destination', `The registry refused: ${error.message || error.kind}`, { cause: error });
}
