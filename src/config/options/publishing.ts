import { ENCODINGS } from '../../compression/encoding.js';
import { boolean, dict, integer, list, type Option, optional, real, text } from '../option.js';

/** [publish]: the repository that images are published in. */
export const PUBLISH_OPTIONS = {
  target: optional('Where the repository is published: a folder, or s3://bucket/prefix.'),
  base_url: optional(
    'The URL under which readers find it. Metalink files and commands to copy are made only where it is known.',
  ),
  publisher: text('Who publishes, in words for people.', 'Image repository'),
  domain: optional(
    'Domain of who publishes, which begins the content ids of simplestreams; that of base_url, or localhost, where it is not set.',
  ),
  sets: list('Sets of images that are published; each may have a section [publish:<set>].', ['all']),
  openpgp_keys: list('Files of OpenPGP secret keys that sign the repository; with several, all do.', []),
  openpgp_passphrase_file: optional('File with the passphrase of those keys.'),
  minisign_keys: list(
    'Files of minisign secret keys that sign the repository; the first is the one of .minisig files.',
    [],
  ),
  grace_days: real('Days that files stay which are in no list any more, for those who read an older one.', 7, {
    min: 0,
  }),
  expires_days: real(
    'Days after which readers are to take the repository for abandoned. It is renewed when half of them are over.',
    30,
    { min: 0.01 },
  ),
  jobs: integer('Images that are compressed at once; 0 is as many as there are processors.', 0, { min: 0, max: 64 }),
} as const;

const COMPRESSION: Option<readonly (typeof ENCODINGS)[number][]> = {
  ...list('', []),
  help: 'How images are packed: gzip, bzip2, xz, zstd or none. The first is the one that .properties files name; for each further one there is another file beside it.',
  type: 'list of encodings',
  fallback: ['gzip'],
  written: 'gzip',
  parse: (texts) => {
    const words = list('', []).parse(texts);
    const found = words.map((word) => {
      const encoding = ENCODINGS.find((one) => one === word);
      if (encoding === undefined) throw new Error(`must be of ${ENCODINGS.join(', ')}`);
      return encoding;
    });
    if (found.length === 0) throw new Error('must name at least one encoding; none leaves images as they are');
    return [...new Set(found)];
  },
};

/** [publish:<set>]: which images a set has, and in which form. What is asked of images must hold all at once; without anything every public image is in. */
export const PUBLISH_SET_OPTIONS = {
  names: list(
    'Patterns of names, such as debian-*, of which one must fit. A section like this one is read for every set.',
    [],
  ),
  tags: list('Tags that images must have.', []),
  properties: dict('Properties that images must have, as name:value.'),
  query: optional("Further conditions in the words of v2's list of images, such as min_ram=512&size_max=10000000000."),
  compression: COMPRESSION,
  channel: optional(
    'Name in the content id of simplestreams, such as daily or stable; that of the set where it is not set.',
  ),
  hidden: boolean('Hidden images are in it, too.', false),
  tagged: boolean(
    'Images with the tag publish:<set> are in it, whatever their visibility and the conditions. Every owner can tag images.',
    false,
  ),
  keep: integer(
    'Newest versions of each product that always stay; 0 is all of them, or one where max_age_days is set.',
    0,
    {
      min: 0,
    },
  ),
  max_age_days: integer('Days after which versions leave, but for the newest ones; 0 is never.', 0, { min: 0 }),
} as const;
