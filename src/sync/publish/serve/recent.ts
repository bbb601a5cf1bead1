/** Answers that are kept for whoever asks next, and for whoever asks meanwhile; the ones asked for last, at most `most` of them. */
export class Recent<T> {
  readonly #kept = new Map<string, Promise<T>>();

  constructor(private readonly most: number) {}

  /** The answer of that key, found by `find` where nobody asked before. A failure is not kept. */
  get(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    const answer = known ?? find();
    this.#kept.delete(key);
    this.#kept.set(key, answer);
    if (known !== undefined) return answer;
    answer.catch(() => this.#kept.get(key) === answer && this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.most) break;
      this.#kept.delete(oldest);
    }
    return answer;
  }
}
