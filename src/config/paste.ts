import { basename, resolve } from 'node:path';
import { ConfigError } from './config-error.js';
import { findBeside } from './find-files.js';
import type { Values } from './options.js';
import { PasteFile, type PasteSection } from './paste-file.js';
import { apiOf, BUILT_IN_FLAVORS, builtInPipeline, type Filter, filterKind, type Pipeline } from './pipeline.js';

interface PasteContext {
  readonly program: string;
  readonly values: Values;
  readonly files: readonly string[];
  readonly path: readonly string[];
  readonly cwd: string;
}

/**
 * The pipeline of the configured flavor: from the paste file when there is one (image-api-v1 section 7.2), else built in.
 * Mistakes are added to `problems`; then the answer may be undefined. Throws ConfigError when a paste file that the configuration names is missing.
 */
export function loadPipeline(context: PasteContext, problems: string[]): Pipeline | undefined {
  const flavor = context.values.paste_deploy.flavor ?? '';
  const name = flavor === '' ? context.program : `${context.program}-${flavor}`;
  const file = pasteFile(context, problems, name);
  const pipeline = file ? new Walk(problems).pipeline(file, name) : builtInPipeline(flavor);
  if (pipeline === undefined) {
    if (!file) {
      const known = BUILT_IN_FLAVORS.filter(Boolean).join(', ');
      problems.push(`[paste_deploy] flavor = ${flavor}: unknown flavor; without a paste file there are ${known}`);
    }
    return undefined;
  }
  const kinds = pipeline.filters.map((filter) => filter.kind);
  const place = file ? `${file.path}: pipeline ${name}` : `[paste_deploy] flavor = ${flavor}`;
  if (!kinds.includes('context') && !kinds.includes('unauthenticated-context')) {
    problems.push(`${place}: has neither a context nor an unauthenticated-context filter`);
  }
  const { enable_v1_api, enable_v2_api } = context.values.DEFAULT;
  return { ...pipeline, apis: pipeline.apis.filter((api) => (api === 'v1' ? enable_v1_api : enable_v2_api)) };
}

function pasteFile(context: PasteContext, problems: string[], name: string): PasteFile | undefined {
  const { values, files, path, cwd, program } = context;
  const named = values.paste_deploy.config_file;
  if (named !== null) {
    const found = findBeside(named, files, path, cwd);
    if (found === undefined) throw new ConfigError([`Unable to locate paste config file for ${program}.`]);
    return new PasteFile(found, problems);
  }
  const last = files.at(-1);
  const beside = basename(last ?? program).replace(/(\.conf)?$/, '-paste.ini');
  const found = findBeside(beside, files, path, cwd);
  if (found !== undefined) return new PasteFile(found, problems);
  if (last === undefined) return undefined;
  // The first releases kept options and pipelines in one file.
  const both = new PasteFile(resolve(cwd, last), []);
  return both.find(name, 'pipeline', 'composite', 'app') ? both : undefined;
}

/** Follows the sections of paste files from the pipeline's name to its filters and applications. */
class Walk {
  readonly #filters: Filter[] = [];
  readonly #apis = new Set<'v1' | 'v2'>();
  readonly #trail: PasteSection[] = [];

  constructor(readonly problems: string[]) {}

  pipeline(file: PasteFile, name: string): Pipeline | undefined {
    const before = this.problems.length;
    this.#app(file, name, file.path);
    if (this.problems.length > before) return undefined;
    return { filters: this.#filters, apis: [...this.#apis].sort() };
  }

  #app(file: PasteFile, name: string, from: string): void {
    const section = file.find(name, 'pipeline', 'composite', 'composit', 'app', 'application', 'filter-app');
    if (section === undefined) {
      const pipelines = file.names.filter((one) => one.startsWith('pipeline:')).join(', ');
      this.problems.push(`${from}: no pipeline or app ${name}${pipelines ? ` (there are ${pipelines})` : ''}`);
    } else if (this.#enter(section)) {
      const { options, where } = section;
      for (const filter of words(options.get('filter-with'))) this.#filter(file, filter, where);
      if (section.kind === 'pipeline') {
        const parts = words(options.get('pipeline'));
        for (const filter of parts.slice(0, -1)) this.#filter(file, filter, where);
        const app = parts.at(-1);
        if (app === undefined) this.problems.push(`${where}: the pipeline ${name} is empty`);
        else this.#app(file, app, where);
      } else if (section.kind === 'filter-app') {
        this.#add(section, factoryOf(section));
        this.#app(file, options.get('next') ?? '', where);
      } else if (section.kind.startsWith('composit')) {
        for (const [route, app] of options) if (route.startsWith('/')) this.#app(file, app, where);
      } else {
        this.#application(section);
      }
      this.#trail.pop();
    }
  }

  #application(section: PasteSection): void {
    const used = section.options.get('use');
    if (used !== undefined && !used.startsWith('egg:')) {
      const [file, name] = this.#target(section, used);
      this.#app(file, name, section.where);
      return;
    }
    const factory = factoryOf(section) ?? used ?? '';
    const api = apiOf(factory);
    if (api) this.#apis.add(api);
    else if (filterKind(factory) === 'healthcheck') this.#add(section, factory);
    else if (!/^glance\.api(\.versions)?:/.test(factory)) {
      this.problems.push(`${section.where}: app ${section.name}: unknown factory ${factory || '(none)'}`);
    }
  }

  #filter(file: PasteFile, name: string, from: string, over: PasteSection[] = []): void {
    const section = file.find(name, 'filter');
    if (section === undefined) {
      this.problems.push(`${from}: no filter ${name} in ${file.path}`);
    } else if (this.#enter(section)) {
      const used = section.options.get('use');
      if (used === undefined || used.startsWith('egg:')) this.#add(section, factoryOf(section) ?? used, over);
      else this.#filter(...this.#target(section, used), section.where, [section, ...over]);
      this.#trail.pop();
    }
  }

  /** `over` are the sections that use this one, and override its options, the innermost first. */
  #add(section: PasteSection, factory: string | undefined, over: readonly PasteSection[] = []): void {
    const kind = filterKind(factory ?? '');
    if (kind === undefined) {
      this.problems.push(`${section.where}: filter ${section.name}: unknown factory ${factory ?? '(none)'}`);
    } else if (!this.#filters.some((filter) => filter.kind === kind)) {
      const all = [section, ...over];
      const lines = [...all.flatMap((one) => [...one.globals]), ...all.flatMap((one) => [...one.options])];
      const plain = lines.filter(([name]) => !/^(paste\..*|use|next|here|__file__)$/.test(name));
      this.#filters.push({ kind, options: Object.fromEntries(plain) });
    }
  }

  #target(section: PasteSection, used: string): [PasteFile, string] {
    const [, other, name] = /^config:([^#]+)(?:#(.*))?$/.exec(used) ?? [];
    if (other === undefined) return [section.file, used];
    return [section.file.sibling(other, this.problems), name ?? 'main'];
  }

  #enter(section: PasteSection): boolean {
    // By name, since a file that uses another one may be read anew on every round of a circle.
    const again = this.#trail.some(
      (one) => one.kind === section.kind && one.name === section.name && one.where === section.where,
    );
    if (again) this.problems.push(`${section.where}: ${section.kind} ${section.name} uses itself`);
    else this.#trail.push(section);
    return !again;
  }
}

function words(text: string | undefined): readonly string[] {
  return text?.split(/\s+/).filter(Boolean) ?? [];
}

function factoryOf({ options }: PasteSection): string | undefined {
  const names = ['paste.filter_factory', 'paste.filter_app_factory', 'paste.app_factory'];
  return names.map((name) => options.get(name)).find((factory) => factory !== undefined);
}
