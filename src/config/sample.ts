import type { Override } from './load.js';
import { TABLE } from './options.js';

const setting = (section: string, name: string, value: string): Override => ({
  section,
  name,
  value,
  where: 'built-in',
});

/** What the sample sets, and what holds for `glimpse serve` without a file: everything below `./var`, from one process. */
export const SAMPLE_SETTINGS: readonly Override[] = [
  setting('DEFAULT', 'bind_host', '0.0.0.0'),
  setting('DEFAULT', 'bind_port', '9292'),
  setting('DEFAULT', 'workers', '0'),
  setting('database', 'connection', 'sqlite:///var/glimpse.sqlite'),
  setting('glance_store', 'filesystem_store_datadir', 'var/images'),
  setting('glimpse', 'auto_migrate', 'True'),
];

/** The text of etc/glance-api.conf: runs as it is, with every other option as a comment with its default. */
export function sampleConfig(): string {
  const sections = Object.entries(TABLE).map(([section, options]) => {
    const blocks = Object.entries(options).map(([name, { help, type, written, inert }]) => {
      const set = SAMPLE_SETTINGS.find((one) => one.section === section && one.name === name);
      const note = `${help} (${type}${inert ? '; no effect yet' : ''})`;
      const line = set ? `${name} = ${set.value}` : `# ${`${name} = ${quoted(written ?? '')}`.trimEnd()}`;
      return `${wrap(note)}\n${line}\n`;
    });
    return `[${section}]\n\n${blocks.join('\n')}`;
  });
  return `# A configuration that runs as it is; relative paths start at the working directory.
# Made from the option table by "glimpse config sample". Commented lines show defaults.

${sections.join('\n\n')}`;
}

function wrap(text: string, width = 100): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= width) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Spaces at the ends of a value are kept by quotes alone. */
function quoted(value: string): string {
  return value === value.trim() ? value : `"${value}"`;
}
