import type { SeededRandom } from '../../support/random.js';
import { OCTETS, type V1Answer, type V1Request } from '../../support/v1-client.js';
import { DRAFT_10, type V2Client } from '../../support/v2-client.js';
import type { V2Model } from '../../support/v2-model.js';
import type { Caller, Change, Expected } from '../../support/v2-model-rules.js';
import { FAULTS, FILTERS, GOOD, MEMBER_STATUSES, NAMES, PROJECTS, WRONG_CHANGES } from './model-values.js';

/** So many of the latest images are acted upon, so that much happens to each. */
const POOL = 8;
/** One request, how the model answers it, and what of the server's answer is told in the same words. */
export interface Step {
  readonly what: string;
  readonly send: (client: V2Client) => Promise<V1Answer>;
  readonly model: (model: V2Model, answer: V1Answer) => Expected;
  readonly tell: (answer: V1Answer) => unknown;
}

function tellImage(image: Readonly<Record<string, unknown>>): unknown {
  const { created_at: _, updated_at: __, tags, ...rest } = image;
  return { ...rest, tags: Array.isArray(tags) ? tags.sort() : tags };
}

function imageIn(answer: V1Answer): unknown {
  return tellImage(JSON.parse(answer.text));
}

function listIn(answer: V1Answer): unknown {
  const page: { images: Record<string, unknown>[]; next?: string } = JSON.parse(answer.text);
  return { images: page.images.map(tellImage), more: page.next !== undefined };
}

interface Shown {
  readonly member_id: string;
  readonly status: string;
}

function memberIn(answer: V1Answer): unknown {
  const { member_id, status }: Shown = JSON.parse(answer.text);
  return [member_id, status];
}

function membersIn(answer: V1Answer): unknown {
  const { members }: { members: Shown[] } = JSON.parse(answer.text);
  return members.map(({ member_id, status }) => [member_id, status]).sort();
}

const nothing = (): unknown => undefined;

/** Thinks of requests, valid and not. The same for the same random numbers. */
export class V2Steps {
  readonly #ids: string[] = [];
  /** What each project made of them, for most of what it asks is about its own. */
  readonly #own = new Map<string, string[]>();
  #project = '';

  constructor(private readonly random: SeededRandom) {}

  /** Something for the caller to ask. */
  next(caller: Caller): Step {
    this.#project = caller.project;
    const luck = this.random.integer(1, 100);
    if (luck <= 9) return this.#create(caller);
    if (luck <= 15) return this.#on('GET', '', 'show', (model, id) => model.show(caller, id), imageIn);
    if (luck <= 28) return this.#list(caller);
    if (luck <= 43) return this.#patch(caller);
    if (luck <= 50) return this.#tag(caller);
    if (luck <= 58) return this.#upload(caller);
    if (luck <= 65)
      return this.#on(
        'GET',
        '/file',
        'download',
        (model, id) => model.download(caller, id),
        ({ text }) => text,
      );
    if (luck <= 72) return this.#activate(caller);
    if (luck <= 97) return this.#member(caller);
    return this.#on('DELETE', '', 'delete', (model, id) => model.remove(caller, id));
  }

  #on(
    method: string,
    path: string,
    what: string,
    model: (model: V2Model, id: string) => Expected,
    tell: Step['tell'] = nothing,
    request: V1Request = {},
  ): Step {
    const id = this.#id();
    return {
      what: `${what} ${id}`,
      send: (client) => client.send(method, `/v2/images/${id}${path}`, request),
      model: (known) => model(known, id),
      tell,
    };
  }

  #create(caller: Caller): Step {
    const body: Record<string, unknown> = { disk_format: 'raw', container_format: 'bare' };
    for (let more = this.random.integer(1, 5); more > 0; more--) {
      const name = this.random.pick(NAMES);
      body[name] = this.#good(name);
    }
    const luck = this.random.next();
    if (luck < 0.2 && caller.role !== 'reader') Object.assign(body, Object.fromEntries([this.random.pick(FAULTS)]));
    else if (luck < 0.3) body.owner = this.random.pick(PROJECTS);
    if (luck > 0.5) body.id = luck > 0.9 ? this.#id() : this.#uuid();
    return {
      what: `create ${JSON.stringify(body)}`,
      send: (client) => client.send('POST', '/v2/images', { json: body }),
      model: (model, answer) => {
        const made: { id: string } = answer.status === 201 ? JSON.parse(answer.text) : { id: '' };
        if (answer.status === 201) this.#keep(caller.project, made.id);
        return model.create(caller, body, made.id);
      },
      tell: imageIn,
    };
  }

  #list(caller: Caller): Step {
    const query: Record<string, string> = {};
    for (let more = this.random.integer(0, 3); more > 0; more--) {
      const name = this.random.pick(Object.keys(FILTERS));
      query[name] = this.random.pick(FILTERS[name] ?? []);
    }
    const luck = this.random.next();
    if (luck < 0.25) query.marker = this.#id();
    else if (luck < 0.35) query.sort = this.random.pick(['size:asc', 'size:desc']);
    if (luck > 0.7 && caller.role !== 'admin') query.member_status = this.random.pick(MEMBER_STATUSES);
    return {
      what: `list ${JSON.stringify(query)}`,
      send: (client) => client.get(`/v2/images?${new URLSearchParams(query)}`),
      model: (model) => model.list(caller, query),
      tell: listIn,
    };
  }

  #patch(caller: Caller): Step {
    const several = Array.from({ length: this.random.integer(1, 3) }, () => this.#change());
    // Of a negative number and another change that is refused for itself, the specification tells no order.
    const negative = several.find(({ value }) => value === -1);
    const changes = negative === undefined ? several : [negative];
    const patch = (model: V2Model, id: string): Expected => model.patch(caller, id, changes);
    const request = { headers: DRAFT_10, json: changes };
    return this.#on('PATCH', '', `patch ${JSON.stringify(changes)}`, patch, imageIn, request);
  }

  #change(): Change {
    const luck = this.random.next();
    if (luck < 0.1) {
      const [name, value] = this.random.pick(FAULTS);
      return { op: 'replace', path: `/${name}`, value };
    }
    if (luck < 0.14) return this.random.pick(WRONG_CHANGES);
    if (luck < 0.18) return { op: 'add', path: '/owner', value: this.random.pick(PROJECTS) };
    const name = this.random.pick(NAMES);
    if (luck < 0.25) return { op: 'remove', path: `/${name}` };
    return { op: this.random.pick(['add', 'replace']), path: `/${name}`, value: this.#good(name) };
  }

  #tag(caller: Caller): Step {
    const tag = this.random.pick(['t1', 't2', 't3']);
    const put = this.random.next() < 0.6;
    const change = (model: V2Model, id: string): Expected => model.tag(caller, id, tag, put);
    return this.#on(put ? 'PUT' : 'DELETE', `/tags/${tag}`, `${put ? 'tag' : 'untag'} ${tag}`, change);
  }

  #upload(caller: Caller): Step {
    const body = 'data'.repeat(this.random.integer(1, 10));
    const headers = this.random.next() < 0.1 ? { 'content-type': 'text/plain' } : OCTETS;
    const upload = (model: V2Model, id: string): Expected => model.upload(caller, id, headers['content-type'], body);
    return this.#on('PUT', '/file', `upload ${body.length} bytes`, upload, nothing, { headers, body });
  }

  #activate(caller: Caller): Step {
    const active = this.random.next() < 0.6;
    const action = active ? 'reactivate' : 'deactivate';
    return this.#on('POST', `/actions/${action}`, action, (model, id) => model.activate(caller, id, active));
  }

  #member(caller: Caller): Step {
    const luck = this.random.next();
    const member = this.random.pick(PROJECTS);
    if (luck < 0.2) return this.#on('GET', '/members', 'members', (model, id) => model.members(caller, id), membersIn);
    if (luck < 0.55) {
      const json = { member: this.random.next() < 0.1 ? '' : member };
      const add = (model: V2Model, id: string): Expected => model.addMember(caller, id, json.member);
      return this.#on('POST', '/members', `add-member ${json.member}`, add, memberIn, { json });
    }
    if (luck < 0.85) {
      const name = this.random.next() < 0.6 && caller.role !== 'admin' ? caller.project : member;
      const status = this.random.pick(['accepted', 'accepted', 'rejected', 'pending', 'maybe']);
      const answer = (model: V2Model, id: string): Expected => model.answerMember(caller, id, name, status);
      return this.#on('PUT', `/members/${name}`, `answer-member ${name} ${status}`, answer, memberIn, {
        json: { status },
      });
    }
    const remove = (model: V2Model, id: string): Expected => model.removeMember(caller, id, member);
    return this.#on('DELETE', `/members/${member}`, `remove-member ${member}`, remove);
  }

  #keep(project: string, id: string): void {
    this.#ids.push(id);
    this.#own.set(project, [...(this.#own.get(project) ?? []), id]);
  }

  #id(): string {
    const own = this.#own.get(this.#project) ?? [];
    const known = this.random.next() < 0.5 && own.length > 0 ? own : this.#ids;
    const wrong = this.random.next() < 0.03 || known.length === 0;
    return this.random.pick(wrong ? [this.#uuid(), 'no-uuid'] : known.slice(-POOL));
  }

  #uuid(): string {
    const hex = this.random.bytes(16).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** A value that the attribute may have. */
  #good(name: string): unknown {
    const values = GOOD[name];
    return values === undefined ? this.random.integer(0, 9) : this.random.pick(values);
  }
}
