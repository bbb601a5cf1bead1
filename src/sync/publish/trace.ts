import { slug } from './naming.js';
import type { RepositoryFile } from './ports.js';
import type { PublishSettings } from './settings.js';
import { textFile } from './signing.js';

/** When a publisher was last at work, and what came of it: what mirrors are watched by. */
export function traceFile({ domain }: Pick<PublishSettings, 'domain'>, generation: number, now: Date): RepositoryFile {
  const text = `${now.toISOString().replace(/\.\d+Z$/, 'Z')}\ngeneration ${generation}\n`;
  return textFile(`trace/${slug(domain) || 'publisher'}`, 'info', text);
}
