import { RegistryError } from '../../../domain/errors.js';
import { sideBySide } from '../../side-by-side.js';
import { EMPTY, type Ledger, type Placed, readLedger, writeLedger } from './bucket-ledger.js';
import type { BucketObjects } from './bucket-objects.js';
import { BucketPool } from './bucket-pool.js';

export const LEDGER = '.state/ledger';
const AT_ONCE = 8;

/** Folders in which nothing can be but what a publisher wrote. */
const OWN = /^(images|repo)\//;

/** What a bucket holds, as the publisher remembers it and as the service lists it. */
export class BucketContents {
  readonly pool: BucketPool;
  readonly #objects: BucketObjects;
  readonly #listed: ReadonlyMap<string, number>;
  #ledger: Ledger;
  /** One path of each blob. */
  #paths: ReadonlyMap<string, string>;

  private constructor(objects: BucketObjects, ledger: Ledger, listed: ReadonlyMap<string, number>) {
    this.#objects = objects;
    this.#listed = listed;
    this.#ledger = ledger;
    this.#paths = pathsOf(ledger);
    this.pool = new BucketPool(objects, listed);
  }

  /** Throws invalid for a record of another form. */
  static async load(objects: BucketObjects, name: string): Promise<BucketContents> {
    const text = await objects.text(LEDGER);
    const ledger = text === undefined ? EMPTY : readLedger(text);
    if (ledger === undefined) {
      throw new RegistryError('invalid', `The repository in ${name} is of a form that this program does not know.`);
    }
    const listed = new Map<string, number>();
    for await (const object of objects.list()) listed.set(object.name, object.size);
    return new BucketContents(objects, ledger, listed);
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Makes this the truth, in one step. */
  async commit(ledger: Ledger): Promise<void> {
    await this.#objects.put(LEDGER, Buffer.from(writeLedger(ledger)));
    this.#remember(ledger);
  }

  /** Forgets what is not there any more, so that it is written again. Lists of some services lag behind: what one lacks is asked for. */
  async confirm(): Promise<void> {
    const objects = new Map(this.#ledger.objects);
    const doubtful = [...objects].filter(([path, { size }]) => this.#listed.get(path) !== size);
    await sideBySide(doubtful, AT_ONCE, async ([path, { size }]) => {
      if ((await this.#objects.head(path))?.size !== size) objects.delete(path);
    });
    this.#remember({ ...this.#ledger, objects });
  }

  /** Where the bytes of a blob are; undefined when they are nowhere. */
  sourceOf(sha256: string): { readonly name: string; readonly size: number } | undefined {
    const path = this.#paths.get(sha256);
    const placed = path === undefined ? undefined : this.#ledger.objects.get(path);
    return path !== undefined && placed !== undefined ? { name: path, size: placed.size } : this.pool.get(sha256);
  }

  /** Forgets a blob that is damaged, wherever it is: its paths are written again when it has come anew. */
  async forget(sha256: string): Promise<void> {
    const objects = [...this.#ledger.objects].filter(([, placed]) => !(placed.blob && placed.sha256 === sha256));
    this.#remember({ ...this.#ledger, objects: new Map(objects) });
    await this.pool.remove(sha256);
  }

  /** Names of objects that left before this generation, and of what a run wrote that did not come to its end. */
  doomed(): readonly string[] {
    const { objects } = this.#ledger;
    const left = [...objects].filter(([, placed]) => this.#isOver(placed)).map(([path]) => path);
    return [...left, ...[...this.#listed.keys()].filter((name) => OWN.test(name) && !objects.has(name))];
  }

  async forgetDoomed(): Promise<void> {
    const { objects } = this.#ledger;
    const staying = [...objects].filter(([, placed]) => !this.#isOver(placed));
    if (staying.length < objects.size) await this.commit({ ...this.#ledger, objects: new Map(staying) });
  }

  #isOver({ left }: Placed): boolean {
    return left !== undefined && left < this.#ledger.generation;
  }

  #remember(ledger: Ledger): void {
    this.#ledger = ledger;
    this.#paths = pathsOf(ledger);
  }
}

function pathsOf({ objects }: Ledger): ReadonlyMap<string, string> {
  return new Map([...objects].flatMap(([path, { blob, sha256 }]) => (blob ? [[sha256, path]] : [])));
}
