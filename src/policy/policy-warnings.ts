import { nearest } from '../domain/nearest.js';
import { leaves, references } from './check.js';
import { CREDENTIAL_NAMES } from './credentials.js';
import type { PlacedRule, RuleBook } from './rule-book.js';

export interface WrittenRules {
  readonly books: readonly RuleBook[];
  readonly written: ReadonlyMap<string, PlacedRule>;
  readonly defaultRule: string;
  /** Rules that something beside the APIs asks for by name. */
  readonly used?: readonly string[] | undefined;
}

const words = (names: string): readonly string[] => names.trim().split(/\s+/);

/** Actions of Glance, and helper rules of its shipped files, that nothing here asks for (yet). */
const ELSEWHERE = words(`
  admin_required owner metadef_admin metadef_default modify_task copy_from get_metadef_namespace get_metadef_namespaces add_metadef_namespace
  modify_metadef_namespace delete_metadef_namespace get_metadef_object get_metadef_objects add_metadef_object modify_metadef_object
  delete_metadef_object list_metadef_resource_types get_metadef_resource_type add_metadef_resource_type_association
  remove_metadef_resource_type_association get_metadef_property get_metadef_properties add_metadef_property modify_metadef_property
  remove_metadef_property get_metadef_tag get_metadef_tags add_metadef_tag add_metadef_tags modify_metadef_tag delete_metadef_tag
  delete_metadef_tags`);

/**
 * What is allowed in policy files and probably a slip: rules that nothing asks for, references to rules that are not there, and checks of
 * something that is known of nobody. One line each, with file and line.
 */
export function policyWarnings({ books, written, defaultRule, used = [] }: WrittenRules): readonly string[] {
  const actions = new Set([...books.flatMap((book) => [...book.rules.keys()]), ...ELSEWHERE, ...used, defaultRule]);
  const rules = [...written.values()];
  const referred = new Set(rules.flatMap((rule) => references(rule.check)));
  const all = [...new Set([...actions, ...written.keys()])];
  return rules.flatMap((rule) => {
    const at = `policy file ${rule.place?.file}:${rule.place?.line}: rule "${rule.name}"`;
    const idle =
      actions.has(rule.name) || referred.has(rule.name)
        ? []
        : [`${at} is asked for by nothing${hint(rule.name, actions)}`];
    const lost = references(rule.check)
      .filter((name) => !all.includes(name))
      .map(
        (name) =>
          `${at} refers to "${name}", which is not there: the default rule decides in its place${hint(name, all)}`,
      );
    const blind = leaves(rule.check).flatMap((check) =>
      check.is === 'credential' && !CREDENTIAL_NAMES.includes(check.name)
        ? [
            `${at} looks at "${check.name}", which is known of nobody, so that check never passes${hint(check.name, CREDENTIAL_NAMES)}`,
          ]
        : [],
    );
    return [...idle, ...lost, ...blind];
  });
}

function hint(name: string, known: Iterable<string>): string {
  const better = nearest(name, known);
  return better === undefined ? '' : `; did you mean "${better}"?`;
}
