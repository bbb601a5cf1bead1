import { DESTINATION_HELP } from '../sync/pull/cloud/access-options.js';

const OPTIONS: readonly (readonly [option: string, help: string])[] = [
  ['--url URL', 'The source, instead of the argument.'],
  ['--set NAME', 'Mirror one set of the repository alone.'],
  ['--prefix TEXT', 'Put this before the name of every image.'],
  [
    '--filter KEY~REGEX',
    'Mirror only images whose field matches; also KEY=VALUE, KEY!=VALUE, KEY!~REGEX. May be repeated: all must hold.',
  ],
  ['--max N', 'Of each image only the newest N versions.'],
  [
    '--on-collision POLICY',
    'When an image of the same name has other bytes: skip (default) leaves it; rotate names the old one "NAME (SERIAL)"; replace removes it.',
  ],
  ['--force', 'The same as --on-collision replace.'],
  ['--visibility WHO', 'keep (default): as the source says; else public, private, shared or community for all.'],
  ['--prune', 'Hide images from this source that it no longer offers, and delete them after the time of grace.'],
  ['--grace DAYS', 'That time (7).'],
  ['--dry-run', 'Say what would be done, and write nothing.'],
];

const TRUST: readonly (readonly [option: string, help: string])[] = [
  ['--keyring FILE', 'OpenPGP public keys, one of which must have signed the source. May be repeated.'],
  ['--minisign-key KEY', 'The same for minisign: a key or a file of one. May be repeated.'],
  ['--unsigned', 'Take the source without a signature, also where keys are given.'],
  ['--allow-expired', 'Take a signed repository behind its time as well.'],
  ['--max-age DAYS', 'Warn of a repository that has not changed for longer (30).'],
  ['--allow-cross-origin', 'Follow the source to other origins too, on public addresses.'],
  ['--source-cacert FILE', 'Certificate authorities (PEM) of the source.'],
  ['--source-insecure', 'Take the source whatever its certificate.'],
];

const LIMITS: readonly (readonly [option: string, help: string])[] = [
  ['--jobs N', 'Images that are imported at once (2).'],
  ['--max-rate BYTES', 'Bytes a second to read from the source at most, such as 10M.'],
  ['--max-size BYTES', 'Refuse images that are larger (1T).'],
  ['--state-dir DIR', 'What was seen of sources ($STATE_DIRECTORY, or image-sync in $XDG_STATE_HOME).'],
  ['--work-dir DIR', 'Room for downloads ($CACHE_DIRECTORY, or image-sync in $XDG_CACHE_HOME).'],
  ['--json', 'Print one JSON document at the end.'],
  ['--quiet', 'Print problems only.'],
  ['--verbose', 'Print what is up to date as well.'],
  ['--version', 'Show the version.'],
  ['-h, --help', 'Show this help.'],
];

export function syncHelp(command: string): string {
  return `Usage: ${command} [options] URL

Mirrors a repository of images, once: new images are brought, verified and made visible. URL is the root of a repository, one of its directory
files (SHA256SUMS, md5sum, ...), a .properties file, or an index or products file of simplestreams; http, https, ftp, ftps, file, or a path.

What is mirrored, and how:
${rows(OPTIONS)}

Whom to believe:
${rows(TRUST)}

Where images go:
${rows(DESTINATION_HELP)}

The run:
${rows(LIMITS)}

Exit codes: 0 all is well, 1 an image failed, 2 usage or configuration, 3 the source is not to be trusted (signature, an older state, expired),
4 nothing could be reached.
`;
}

function rows(options: readonly (readonly [string, string])[]): string {
  return options.map(([option, help]) => `  ${option}\n        ${help}`).join('\n');
}
