import { inside, listIn, textIn } from '../../../net/json.js';
import { SyncError } from '../../sync-error.js';
import type { AccessSetting } from '../destination.js';
import { settingName } from './access-settings.js';
import type { CloudFile, CloudFilesRead } from './cloud-files.js';

type Settings = ReadonlyMap<string, AccessSetting>;

/**
 * What clouds.yaml says of a cloud, as openstacksdk merges it: the profile of clouds-public.yaml, the cloud, its secrets in secure.yaml, and what holds
 * for one of its regions only. `region` is the one that was asked for; the first of the cloud otherwise.
 * Throws SyncError usage for a cloud or a region that is not there, naming those that are.
 */
export function cloudSettings(name: string, files: CloudFilesRead, region: string | undefined): Settings {
  const { clouds, secure } = files;
  if (clouds.path === undefined) {
    throw new SyncError(
      'usage',
      `There is no clouds.yaml to look up the cloud ${quoted(name)}: ${listed(clouds.looked)}.`,
    );
  }
  const cloud = clouds.clouds.get(name);
  if (!isMapping(cloud))
    throw new SyncError(
      'usage',
      `${clouds.path} knows no cloud ${quoted(name)}, but ${listed([...clouds.clouds.keys()])}.`,
    );
  const settings = new Map([
    ...profileSettings(cloud, files.vendor),
    ...settingsOf(cloud, place(name, clouds)),
    ...settingsOf(secure.clouds.get(name), place(name, secure)),
  ]);
  return new Map([...settings, ...regionSettings(cloud, name, clouds, region)]);
}

/** A profile that is in no file may be one of those that come with openstacksdk: what is missing then is told by its name. */
function profileSettings(cloud: unknown, vendor: CloudFile): Settings {
  const profile = textIn(cloud, 'profile') ?? textIn(cloud, 'cloud');
  return profile === undefined ? new Map() : settingsOf(vendor.clouds.get(profile), place(profile, vendor));
}

function regionSettings(cloud: unknown, name: string, file: CloudFile, region: string | undefined): Settings {
  const regions = listIn(cloud, 'regions');
  if (regions.length === 0) return new Map();
  const names = regions.map((one) => (typeof one === 'string' ? one : textIn(one, 'name')));
  const wanted = region ?? textIn(cloud, 'region_name') ?? names[0];
  const at = names.indexOf(wanted);
  if (wanted === undefined || at < 0) {
    throw new SyncError(
      'usage',
      `${place(name, file)} has no region ${quoted(wanted ?? '')}, but ${listed(names.filter((one) => one !== undefined))}.`,
    );
  }
  const from = place(name, file);
  return new Map([...settingsOf(inside(regions[at], 'values'), from), ['region_name', { value: wanted, from }]]);
}

/** The settings of a mapping and of its `auth`, which wins; a value that is no text, number or boolean is none. */
function settingsOf(mapping: unknown, from: string): Settings {
  if (!isMapping(mapping)) return new Map();
  const auth = inside(mapping, 'auth');
  const entries = [...Object.entries(mapping), ...(isMapping(auth) ? Object.entries(auth) : [])];
  return new Map(
    entries.flatMap(([written, value]): [string, AccessSetting][] => {
      const name = settingName(written);
      if (name === undefined || !['string', 'number', 'boolean'].includes(typeof value)) return [];
      return [[name, { value: String(value), from }]];
    }),
  );
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function place(name: string, file: CloudFile): string {
  return `cloud ${quoted(name)} of ${file.path}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none at all' : names.slice(0, 20).join(', ');
}
