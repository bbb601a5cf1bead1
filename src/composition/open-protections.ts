import { statSync } from 'node:fs';
import { readConfigFile } from '../config/find-files.js';
import type { Config } from '../config/load.js';
import { parsePropertyProtections } from '../config/property-protection-file.js';
import type { Policy } from '../domain/ports/policy.js';
import { type PropertyProtections, UNPROTECTED } from '../domain/ports/property-protections.js';
import { PropertyProtectionError, ProtectionRules } from '../policy/property-protection.js';
import { StartupError } from '../process/startup-error.js';

const MAX_BYTES = 1024 * 1024;

export interface OpenProtections {
  /** Names of the policy rules that they ask for. */
  readonly policies: readonly string[];
  with(policy: Policy): PropertyProtections;
}

/**
 * Reads the file that the configuration names and answers, for the policy of one API, who may do what with which properties.
 * Throws StartupError or ConfigError, naming the file, when it is missing or wrong: without it properties would lie open.
 */
export function openProtections(config: Config): OpenProtections {
  const { property_protection_file: name, property_protection_rule_format: format } = config.values.DEFAULT;
  if (name === null) return { policies: [], with: () => UNPROTECTED };
  const file = config.find(name);
  if (file === undefined) throw new StartupError(`property_protection_file: there is no file ${name}`);
  if (statSync(file).size > MAX_BYTES) throw new StartupError(`${file}: is larger than ${MAX_BYTES} bytes`);
  const sections = parsePropertyProtections(readConfigFile(file), file);
  try {
    const rules = ProtectionRules.from(sections, format);
    return rules;
  } catch (error) {
    if (!(error instanceof PropertyProtectionError)) throw error;
    throw new StartupError(`${file}: ${error.message}`, 1, { cause: error });
  }
}
