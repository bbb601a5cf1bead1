import { helpOfFlags } from './arguments.js';

export const PUBLISH_HELP = `Usage: glimpse publish [options] [DIR | s3://bucket/prefix]
       glimpse publish prune [--keep N] [--older-than DAYS] [--restore] [options] [DIR | s3://bucket/prefix]
       glimpse publish keys ACTION ...

Brings a repository of images up to date: plain files for any web server, with their hashes and signatures. Without
a name of a repository that of [publish] target holds. Exit codes: 0 all is well, 1 an image failed or something is
wrong, 2 usage, 4 configuration.

  --set NAME          Publish this set alone (may be repeated): the repository then holds no other.
  --base-url URL      Where readers find the repository, instead of [publish] base_url.
  --dry-run           Print what would be done, and write nothing.
  --verify            Hash everything that is published, and say what is wrong.
  --allow-empty       Publish a registry without images over a repository that has some.
  --json              Answer with one JSON object.
  --no-progress       No progress bar, also on a terminal.

prune takes versions out of the lists, and they stay out; their files follow when the time of grace is over:
  --keep N            Let the newest N versions of each product stay.
  --older-than DAYS   Take out only what is older, and never the newest of a product.
  --restore           Forget what was pruned before.

${helpOfFlags()}
`;
