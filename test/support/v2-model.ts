import { createHash } from 'node:crypto';
import type { Attributes, Caller, Change, Expected, Query } from './v2-model-rules.js';
import { BASE, FIXED, fits, fresh, GIVEN, normal, RESERVED, STATUSES } from './v2-model-rules.js';

interface Image {
  readonly made: number;
  readonly members: Map<string, string>;
  deleted: boolean;
  data: string | undefined;
  /** All that is shown of the image, custom properties among the rest. */
  shown: Map<string, unknown>;
}

function text(image: Image, name: string): string {
  const value = image.shown.get(name);
  return value === null || value === undefined ? '' : String(value);
}

/**
 * The images of a server, kept by the plain words of the specification of the API, sections 2 to 4: each method does what a request
 * asks for and tells what must be answered.
 */
export class V2Model {
  readonly #images = new Map<string, Image>();

  /** `made` is the id that the server chose, where the body chooses none. */
  create(caller: Caller, body: Attributes, made: string): Expected {
    const names = Object.keys(body);
    const judged = names.filter((name) => !FIXED.includes(name) && !GIVEN.includes(name) && !RESERVED.test(name));
    if (!judged.every((name) => fits(name, body[name]))) return { status: 400 };
    if (judged.length < names.length) return { status: 403 };
    const owner = body.owner === undefined ? caller.project : body.owner;
    if (caller.role === 'reader') return { status: 403 };
    if (caller.role === 'member' && (owner !== caller.project || body.visibility === 'public')) return { status: 403 };
    if (Number(body.min_ram ?? 0) < 0 || Number(body.min_disk ?? 0) < 0) return { status: 400 };
    const id = String(body.id ?? made);
    if (this.#images.has(id)) return { status: 409 };
    const shown = new Map<string, unknown>(Object.entries({ ...fresh(id), owner }));
    for (const name of names) shown.set(name, normal(name, body[name]));
    const image = { made: this.#images.size, members: new Map(), deleted: false, data: undefined, shown };
    this.#images.set(id, image);
    return { status: 201, body: Object.fromEntries(shown) };
  }

  show(caller: Caller, id: string): Expected {
    const image = this.#seen(caller, id);
    return image === undefined ? { status: 404 } : { status: 200, body: Object.fromEntries(image.shown) };
  }

  /** The body is the images of the page in its order, and whether there is a link to the next. */
  list(caller: Caller, query: Query): Expected {
    const { limit = '25', marker, sort = 'created_at:desc', ...filters } = query;
    const [key = '', direction = 'desc'] = sort.split(':');
    const start = marker === undefined ? undefined : this.#seen(caller, marker);
    const visibility = filters.visibility ?? '';
    const wrong =
      !/^\d+$/.test(limit) ||
      !/^(name|status|size|id|created_at)$/.test(key) ||
      !/^(asc|desc)$/.test(direction) ||
      !(visibility === '' || visibility === 'all' || fits('visibility', visibility)) ||
      ![...STATUSES, 'all'].includes(filters.member_status ?? 'all') ||
      !/^(true|false)$/i.test(filters.os_hidden ?? 'true') ||
      !/^(true|false)$/.test(filters.protected ?? 'true');
    if (wrong || (marker !== undefined && start === undefined)) return { status: 400 };
    const sign = direction === 'asc' ? 1 : -1;
    const order = (a: Image, b: Image): number => sign * (this.#compare(key, a, b) || a.made - b.made);
    const found = [...this.#images.values()]
      .filter((image) => !image.deleted && this.#listed(caller, image, visibility, filters.member_status ?? 'accepted'))
      .filter((image) => this.#passes(image, filters))
      .filter((image) => start === undefined || order(start, image) < 0)
      .sort(order)
      .slice(0, Number(limit));
    const images = found.map(({ shown }) => Object.fromEntries(shown));
    return { status: 200, body: { images, more: images.length > 0 && images.length === Number(limit) } };
  }

  patch(caller: Caller, id: string, changes: readonly Change[]): Expected {
    for (const { op, path, value } of changes) {
      const name = path.slice(1);
      if (!['add', 'replace', 'remove'].includes(op) || !/^\/[^/]+$/.test(path)) return { status: 400 };
      if ([...FIXED, ...GIVEN, 'id'].includes(name) || RESERVED.test(name)) return { status: 403 };
      if (op !== 'remove' && !fits(name, value)) return { status: 400 };
    }
    // Where nothing is asked for no right is needed but that to look.
    const image = changes.length === 0 ? (this.#seen(caller, id) ?? { status: 404 }) : this.#writable(caller, id);
    if (!('shown' in image)) return image;
    const next = new Map(image.shown);
    for (const { op, path, value } of changes) {
      const name = path.slice(1);
      if (op !== 'add' && !next.has(name)) return { status: 409 };
      if (op === 'remove' && BASE.test(name)) return { status: 403 };
      if (name === 'owner' && caller.role !== 'admin') return { status: 403 };
      if (name === 'visibility' && value === 'public' && caller.role !== 'admin') return { status: 403 };
      if (/_format$/.test(name) && image.shown.get('status') !== 'queued') return { status: 403 };
      if (/^min_/.test(name) && Number(value) < 0) return { status: 400 };
      if (op === 'remove') next.delete(name);
      else next.set(name, normal(name, value));
    }
    image.shown = next;
    return { status: 200, body: Object.fromEntries(next) };
  }

  tag(caller: Caller, id: string, tag: string, wanted: boolean): Expected {
    const image = this.#writable(caller, id);
    if (!('shown' in image)) return image;
    const tags = new Set<unknown>([image.shown.get('tags')].flat());
    if (!wanted && !tags.has(tag)) return { status: 404 };
    if (wanted) tags.add(tag);
    else tags.delete(tag);
    image.shown.set('tags', [...tags].sort());
    return { status: 204 };
  }

  /** The data is text, that no format but raw looks like. */
  upload(caller: Caller, id: string, type: string, data: string): Expected {
    if (type !== 'application/octet-stream') return { status: 415 };
    const image = this.#writable(caller, id);
    if (!('shown' in image)) return image;
    if (image.shown.get('status') !== 'queued') return { status: 409 };
    const [disk, container] = [image.shown.get('disk_format'), image.shown.get('container_format')];
    if (disk === null || container === null) return { status: 400 };
    if (container === 'bare' && disk !== 'raw') return { status: 415 };
    image.data = data;
    const hash = (name: string): string => createHash(name).update(data).digest('hex');
    const hashes = { checksum: hash('md5'), os_hash_algo: 'sha512', os_hash_value: hash('sha512') };
    const virtual_size = container === 'bare' ? data.length : null;
    const known = Object.entries({ status: 'active', size: data.length, virtual_size, ...hashes });
    for (const [name, value] of known) image.shown.set(name, value);
    return { status: 204 };
  }

  download(caller: Caller, id: string): Expected {
    const image = this.#seen(caller, id);
    if (image === undefined) return { status: 404 };
    const forbidden = caller.role === 'member' && image.shown.get('status') === 'deactivated';
    if (caller.role === 'reader' || forbidden) return { status: 403 };
    return image.data === undefined ? { status: 204 } : { status: 200, body: image.data };
  }

  activate(caller: Caller, id: string, active: boolean): Expected {
    const image = this.#writable(caller, id);
    if (!('shown' in image)) return image;
    if (image.data === undefined) return { status: 403 };
    image.shown.set('status', active ? 'active' : 'deactivated');
    return { status: 204 };
  }

  remove(caller: Caller, id: string): Expected {
    const image = this.#writable(caller, id);
    if (!('shown' in image)) return image;
    if (image.shown.get('protected') === true) return { status: 403 };
    image.deleted = true;
    return { status: 204 };
  }

  members(caller: Caller, id: string): Expected {
    const image = this.#seen(caller, id);
    if (image === undefined) return { status: 404 };
    if (text(image, 'visibility') !== 'shared') return { status: 403 };
    const all = caller.role === 'admin' || text(image, 'owner') === caller.project;
    return { status: 200, body: [...image.members].filter(([name]) => all || name === caller.project).sort() };
  }

  addMember(caller: Caller, id: string, member: unknown): Expected {
    if (typeof member !== 'string' || member === '') return { status: 400 };
    const image = this.#writable(caller, id);
    if (!('shown' in image)) return image;
    if (text(image, 'visibility') !== 'shared') return { status: 403 };
    if (image.members.has(member)) return { status: 409 };
    image.members.set(member, 'pending');
    return { status: 200, body: [member, 'pending'] };
  }

  answerMember(caller: Caller, id: string, member: string, status: string): Expected {
    const image = this.#shares(caller, id, member);
    if (!('shown' in image)) return image;
    if (caller.role !== 'admin' && !(caller.role === 'member' && caller.project === member)) return { status: 403 };
    if (!STATUSES.includes(status)) return { status: 400 };
    image.members.set(member, status);
    return { status: 200, body: [member, status] };
  }

  removeMember(caller: Caller, id: string, member: string): Expected {
    const shares = this.#shares(caller, id, member);
    if (!('shown' in shares)) return shares;
    const image = this.#writable(caller, id);
    if ('shown' in image) image.members.delete(member);
    return 'shown' in image ? { status: 204 } : image;
  }

  #seen(caller: Caller, id: string): Image | undefined {
    const image = this.#images.get(id);
    if (image === undefined || image.deleted) return undefined;
    const visibility = text(image, 'visibility');
    const open = visibility === 'public' || visibility === 'community' || caller.role === 'admin';
    const shared = visibility === 'shared' && image.members.has(caller.project);
    return open || shared || text(image, 'owner') === caller.project ? image : undefined;
  }

  #writable(caller: Caller, id: string): Image | Expected {
    const image = this.#seen(caller, id);
    if (image === undefined) return { status: 404 };
    const owns = caller.role === 'member' && text(image, 'owner') === caller.project;
    return owns || caller.role === 'admin' ? image : { status: 403 };
  }

  /** The image where it has this member, as far as the caller is told: one that does not own it knows of no other member. */
  #shares(caller: Caller, id: string, member: string): Image | Expected {
    const image = this.#seen(caller, id);
    if (image === undefined) return { status: 404 };
    if (text(image, 'visibility') !== 'shared') return { status: 403 };
    const told = caller.role === 'admin' || text(image, 'owner') === caller.project || member === caller.project;
    return told && image.members.has(member) ? image : { status: 404 };
  }

  #listed(caller: Caller, image: Image, wanted: string, memberStatus: string): boolean {
    const visibility = text(image, 'visibility');
    if (wanted !== '' && wanted !== 'all' && wanted !== visibility) return false;
    if (text(image, 'owner') === caller.project) return true;
    if (visibility === 'community') return wanted !== '';
    if (visibility === 'public' || caller.role === 'admin') return true;
    const status = image.members.get(caller.project);
    return visibility === 'shared' && status !== undefined && (memberStatus === 'all' || memberStatus === status);
  }

  #passes(image: Image, filters: Query): boolean {
    const { visibility: _, member_status: __, os_hidden = 'false', size_min, tag, ...equal } = filters;
    if (text(image, 'os_hidden') !== os_hidden.toLowerCase()) return false;
    if (size_min !== undefined && !(image.data !== undefined && image.data.length >= Number(size_min))) return false;
    if (tag !== undefined && ![image.shown.get('tags')].flat().includes(tag)) return false;
    return Object.entries(equal).every(([name, value]) => image.shown.has(name) && text(image, name) === value);
  }

  /** Nothing comes before everything. */
  #compare(key: string, a: Image, b: Image): number {
    if (key === 'size') return (a.data?.length ?? -1) - (b.data?.length ?? -1);
    const [one, other] = [text(a, key), text(b, key)];
    return one < other ? -1 : Number(one > other);
  }
}
