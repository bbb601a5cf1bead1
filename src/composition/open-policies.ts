import { dirname, resolve } from 'node:path';
import type { Config } from '../config/load.js';
import type { Log } from '../domain/ports/log.js';
import type { Policy } from '../domain/ports/policy.js';
import { V1_LEGACY_RULES, V1_RULES } from '../policy/defaults.js';
import { policyOf, watchRules } from '../policy/enforce.js';
import { V2_LEGACY_RULES, V2_RULES } from '../policy/rbac.js';
import type { RuleBook } from '../policy/rule-book.js';
import type { WatchedRules } from '../policy/watched-rules.js';

/** The built-in rules of both APIs under this configuration. */
export function ruleBooks({ values }: Config): { readonly v1: RuleBook; readonly v2: RuleBook } {
  return values.oslo_policy.enforce_new_defaults
    ? { v1: V1_RULES, v2: V2_RULES }
    : { v1: V1_LEGACY_RULES, v2: V2_LEGACY_RULES };
}

/** The rules of the files that the configuration names, over those. `used`: rules that are asked for elsewhere. Throws PolicyFileError. */
export function openRules(config: Config, used: readonly string[], log: Log): WatchedRules {
  const { policy_file: file, policy_dirs: folders, policy_default_rule: defaultRule } = config.values.oslo_policy;
  const { v1, v2 } = ruleBooks(config);
  // What is not there yet is waited for beside the configuration.
  const beside = dirname(resolve(config.files.at(-1) ?? 'glance-api.conf'));
  const find = (name: string) => config.find(name) ?? resolve(beside, name);
  return watchRules({ file: find(file), folders: folders.map(find), defaultRule, used, log }, [v1, v2]);
}

/** The policies of both APIs. Throws PolicyFileError. */
export function openPolicies(
  config: Config,
  used: readonly string[],
  log: Log,
): { readonly v1: Policy; readonly v2: Policy } {
  const rules = openRules(config, used, log);
  const { v1, v2 } = ruleBooks(config);
  return { v1: policyOf(rules, v1), v2: policyOf(rules, v2) };
}
