import { readFileSync, statSync } from 'node:fs';

/** Users and their bcrypt hashes. */
export type Users = ReadonlyMap<string, string>;

const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** The users of a text in the form of Apache's htpasswd. Throws Error, naming the line, for one whose hash is not of bcrypt. */
export function parseHtpasswd(text: string): Users {
  const users = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    const colon = entry.indexOf(':');
    const [name, hash] = [entry.slice(0, Math.max(colon, 0)), entry.slice(colon + 1)];
    if (name === '' || !BCRYPT.test(hash)) {
      throw new Error(`line ${index + 1}: must be a user and a bcrypt hash, as "htpasswd -B" writes them`);
    }
    // As in Apache, the first line of a user counts.
    if (!users.has(name)) users.set(name, hash);
  }
  return users;
}

/** An htpasswd file that is read anew when it changes. */
export class HtpasswdFile {
  readonly #path: string;
  readonly #complain: (error: unknown) => void;
  #stamp: string;
  #users: Users;

  /** Throws Error when the file cannot be read or holds anything else. Later such a change is told to `complain`, and the old users stay. */
  constructor(path: string, complain: (error: unknown) => void) {
    this.#path = path;
    this.#complain = complain;
    this.#stamp = this.#look();
    this.#users = parseHtpasswd(readFileSync(path, 'utf8'));
  }

  users(): Users {
    try {
      const stamp = this.#look();
      if (stamp === this.#stamp) return this.#users;
      this.#stamp = stamp;
      this.#users = parseHtpasswd(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      this.#complain(error);
    }
    return this.#users;
  }

  #look(): string {
    const { ino, mtimeNs, size } = statSync(this.#path, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  }
}
