import { resolve } from 'node:path';
import { ConfigError } from './config-error.js';
import { type CorsValues, readCors } from './cors.js';
import { filesOfDirectory, findBeside, findDefaultFiles, readConfigFile, searchPath } from './find-files.js';
import { parseIni } from './ini.js';
import { type KeystoneValues, readKeystone } from './keystone.js';
import {
  OPTIONS,
  PUBLISH_SET_OPTIONS,
  type PublishSetValues,
  STORE_OPTIONS,
  type StoreValues,
  type Values,
} from './options.js';
import { loadPipeline } from './paste.js';
import type { Pipeline } from './pipeline.js';
import { readSection, type Setting, Settings } from './settings.js';
import { unknownOptions } from './unknown-options.js';

/** Where a configuration comes from. Weakest first: `builtIn`, files, environment, `overrides`. */
export interface ConfigSources {
  /** `glance-api`: names the files to search for, and the pipeline. */
  readonly program: string;
  /** `--config-file`, in order. */
  readonly files?: readonly string[];
  /** `--config-dir`: their `*.conf` come after the files, sorted. */
  readonly dirs?: readonly string[];
  /** Options of the command line. */
  readonly overrides?: readonly Override[];
  /** What holds where nothing else is said; with it a missing file is no error. */
  readonly builtIn?: readonly Override[];
  readonly env: NodeJS.ProcessEnv;
  readonly home: string | undefined;
  readonly cwd: string;
  /** Above `etc/glance` and `etc`; `/` when left out. */
  readonly root?: string;
}

export interface Override {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  /** What an error calls its place, such as `--log-file`. */
  readonly where: string;
}

/** One of several stores (`enabled_backends`). */
export interface Backend {
  readonly id: string;
  readonly type: string;
  readonly options: StoreValues;
}

/** One of the sets of images that are published. */
export interface PublishSetSection {
  readonly name: string;
  readonly options: PublishSetValues;
}

export interface Config {
  readonly values: Values;
  readonly backends: readonly Backend[];
  readonly publishSets: readonly PublishSetSection[];
  readonly pipeline: Pipeline;
  /** Rules of the pipeline's cors filter: for an origin that several name, the first holds. */
  readonly cors: readonly CorsValues[];
  /** Rules of the pipeline's authtoken filter, where it has one. */
  readonly keystone?: KeystoneValues;
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** Unknown options and the like, each with its file and line. */
  readonly warnings: readonly string[];
  /** Where a file is that an option such as `policy_file` names: beside the files read, on the search path, or in the working directory. */
  find(name: string): string | undefined;
}

/**
 * Reads a configuration as oslo.config does (image-api-v1 section 7.2).
 * Throws ConfigError with all mistakes at once, or when no file is named, none is found, and nothing is built in.
 */
export function loadConfig(sources: ConfigSources): Config {
  const { program, cwd, builtIn } = sources;
  const path = searchPath(sources.home, sources.root);
  const named = [
    ...(sources.files ?? []),
    ...(sources.dirs ?? []).flatMap((dir) => filesOfDirectory(resolve(cwd, dir))),
  ];
  const files = sources.files || sources.dirs ? named : findDefaultFiles(['glance.conf', `${program}.conf`], path);
  if (files.length === 0 && builtIn === undefined && sources.dirs === undefined) {
    throw new ConfigError([`Unable to locate any configuration file. Cannot load application ${program}.`]);
  }

  const problems: string[] = [];
  const fromFiles = files.flatMap((file, index): Setting[] => {
    const { entries, problems: found } = parseIni(readConfigFile(resolve(cwd, file)), file);
    problems.push(...found);
    return entries.map((entry) => ({ ...entry, origin: 'file', where: `${file}:${entry.line}`, file: index }));
  });
  const all: readonly Setting[] = [
    ...(builtIn ?? []).map((one): Setting => ({ ...one, origin: 'built-in' })),
    ...fromFiles,
    ...environmentSettings(sources.env),
    ...(sources.overrides ?? []).map((one): Setting => ({ ...one, origin: 'command line' })),
  ];
  const settings = new Settings(all);

  const values = readValues(settings);
  const backends = Object.entries(values.DEFAULT.enabled_backends).map(([id, type]) => ({
    id,
    type,
    options: readSection<StoreValues>(id, STORE_OPTIONS, settings),
  }));
  const publishSets = values.publish.sets.map((name) => ({
    name,
    options: readSection<PublishSetValues>(`publish:${name}`, PUBLISH_SET_OPTIONS, settings),
  }));
  problems.push(...new Set(settings.problems));
  const pipeline = loadPipeline({ program, values, files, path, cwd }, problems);
  const cors = readCors(pipeline?.filters ?? [], all, problems);
  const keystone = readKeystone(pipeline?.filters ?? [], all, problems);
  if (problems.length > 0 || pipeline === undefined) throw new ConfigError(problems, 4);
  const find = (name: string) => findBeside(name, files, path, cwd);
  const dynamic = {
    stores: backends.map((backend) => backend.id),
    publishSets: publishSets.map(({ name }) => `publish:${name}`),
  };
  return {
    values,
    backends,
    publishSets,
    pipeline,
    cors,
    ...(keystone && { keystone }),
    files,
    warnings: unknownOptions(fromFiles, dynamic),
    find,
  };
}

function readValues(settings: Settings): Values {
  const {
    DEFAULT,
    database,
    glance_store,
    image_format,
    import_filtering_opts,
    keystone_authtoken,
    oslo_policy,
    paste_deploy,
    cors,
    oslo_middleware,
    glimpse,
    publish,
    'publish:all': publishAll,
  } = OPTIONS;
  return {
    DEFAULT: readSection<Values['DEFAULT']>('DEFAULT', DEFAULT, settings),
    database: readSection<Values['database']>('database', database, settings),
    glance_store: readSection<Values['glance_store']>('glance_store', glance_store, settings),
    image_format: readSection<Values['image_format']>('image_format', image_format, settings),
    import_filtering_opts: readSection<Values['import_filtering_opts']>(
      'import_filtering_opts',
      import_filtering_opts,
      settings,
    ),
    keystone_authtoken: readSection<Values['keystone_authtoken']>('keystone_authtoken', keystone_authtoken, settings),
    oslo_policy: readSection<Values['oslo_policy']>('oslo_policy', oslo_policy, settings),
    paste_deploy: readSection<Values['paste_deploy']>('paste_deploy', paste_deploy, settings),
    cors: readSection<Values['cors']>('cors', cors, settings),
    oslo_middleware: readSection<Values['oslo_middleware']>('oslo_middleware', oslo_middleware, settings),
    glimpse: readSection<Values['glimpse']>('glimpse', glimpse, settings),
    publish: readSection<Values['publish']>('publish', publish, settings),
    'publish:all': readSection<Values['publish:all']>('publish:all', publishAll, settings),
  };
}

/** `OS_<SECTION>__<OPTION>`, as oslo.config's environment driver names them. */
function environmentSettings(env: NodeJS.ProcessEnv): Setting[] {
  return Object.entries(env).flatMap(([variable, value]): Setting[] => {
    const [, section, name] = /^OS_([A-Z0-9_]+?)__([A-Z0-9_]+)$/.exec(variable) ?? [];
    if (section === undefined || name === undefined || value === undefined) return [];
    const place = section === 'DEFAULT' ? section : section.toLowerCase();
    return [{ section: place, name: name.toLowerCase(), value, origin: 'environment', where: variable }];
  });
}
