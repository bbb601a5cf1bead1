/**
 * The serials of one day in their order: `YYYYMMDD`, `.1` to `.9`, `.91` to `.99`, `.991` and so on. They sort by characters (the C locale), as numbers
 * and as versions alike, which plain counting does not (image-repo: `.10` would come before `.2`).
 */
export function* serialsOf(day: string): Generator<string, never, undefined> {
  yield day;
  for (let before = ''; ; before += '9') {
    for (let digit = 1; digit <= 9; digit++) yield `${day}.${before}${digit}`;
  }
}

/** What was published under one `product/serial`, and is never to be anything else: caches may keep its files for a year. */
export interface Claim {
  /** Id of the image. */
  readonly image: string;
  /** What the published version says and holds, as a digest. */
  readonly print: string;
  /** When a generation had it last, ISO 8601. */
  readonly seen: string;
}

/** Days after which a version that nobody lists any more may be forgotten: longer than any cache keeps an immutable file. */
const MEMORY_DAYS = 400;

/** Every `product/serial` that readers may still remember, and whose it is. */
export class Ledger {
  readonly #claims: Map<string, Claim>;
  /** Places by image and folder. */
  readonly #own = new Map<string, string[]>();

  constructor(claims: Iterable<readonly [string, Claim]> = []) {
    this.#claims = new Map(claims);
    for (const [place, { image }] of this.#claims) this.#note(image, place);
  }

  get entries(): readonly (readonly [string, Claim])[] {
    return [...this.#claims].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /**
   * The serial of a version: the one that the image has, as long as it says and holds the same, else the first of its day that was nobody's
   * and comes after those that the image had. It is claimed from then on.
   */
  claim(folder: string, day: string, image: string, print: string, now: Date): string {
    const seen = now.toISOString();
    const own = (this.#own.get(`${image} ${folder}`) ?? []).flatMap((place) => {
      const claim = this.#claims.get(place);
      return claim === undefined ? [] : [{ place, ...claim }];
    });
    const latest = own.sort((a, b) => compare(a.seen, b.seen) || compare(a.place, b.place)).at(-1);
    if (latest?.print === print) {
      this.#claims.set(latest.place, { image, print, seen });
      return latest.place.slice(folder.length + 1);
    }
    const last = own
      .map(({ place }) => place.slice(folder.length + 1))
      .filter((serial) => serial.startsWith(day))
      .sort(compare)
      .at(-1);
    const serials = serialsOf(day);
    let serial = serials.next().value;
    while (this.#claims.has(`${folder}/${serial}`) || (last !== undefined && serial <= last)) {
      serial = serials.next().value;
    }
    this.#claims.set(`${folder}/${serial}`, { image, print, seen });
    this.#note(image, `${folder}/${serial}`);
    return serial;
  }

  /** Of which products anything is remembered. */
  get folders(): ReadonlySet<string> {
    return new Set([...this.#claims.keys()].map((place) => place.slice(0, place.lastIndexOf('/'))));
  }

  /** Forgets what nobody has been told of for longer than any cache remembers. */
  forget(now: Date): void {
    const oldest = new Date(now.getTime() - MEMORY_DAYS * 86_400_000).toISOString();
    for (const [place, { seen }] of this.#claims) if (seen < oldest) this.#claims.delete(place);
  }

  #note(image: string, place: string): void {
    const key = `${image} ${place.slice(0, place.lastIndexOf('/'))}`;
    const places = this.#own.get(key);
    if (places) places.push(place);
    else this.#own.set(key, [place]);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
