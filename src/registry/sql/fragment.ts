export type SqlValue = string | number | null;

/** A piece of SQL with the values of its placeholders, so that no value ever becomes part of the text. */
export class Fragment {
  constructor(
    readonly text: string,
    readonly values: readonly SqlValue[],
  ) {}
}

/** Template tag: fragments become part of the text, everything else a bound value. */
export function sql(parts: TemplateStringsArray, ...values: readonly (Fragment | SqlValue)[]): Fragment {
  let text = parts[0] ?? '';
  const bound: SqlValue[] = [];
  values.forEach((value, index) => {
    if (value instanceof Fragment) {
      text += value.text;
      bound.push(...value.values);
    } else {
      text += '?';
      bound.push(value);
    }
    text += parts[index + 1] ?? '';
  });
  return new Fragment(text, bound);
}

/** SQL text of our own making: names, operators, expressions. Never anything a client said. */
export function literal(text: string): Fragment {
  return new Fragment(text, []);
}

export function join(fragments: readonly Fragment[], separator: string): Fragment {
  return new Fragment(
    fragments.map((one) => one.text).join(separator),
    fragments.flatMap((one) => one.values),
  );
}

/** All must hold; true when there are none. */
export function and(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`1 = 1` : join(conditions, ' AND ');
}

/** One must hold; false when there are none. */
export function or(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`1 = 0` : sql`(${join(conditions, ' OR ')})`;
}

/** `expression IN (values)`; false for an empty list. */
export function within(expression: Fragment, values: readonly SqlValue[]): Fragment {
  if (values.length === 0) return sql`1 = 0`;
  return sql`${expression} IN (${join(
    values.map((value) => sql`${value}`),
    ', ',
  )})`;
}

export type Columns = Readonly<Record<string, SqlValue>>;

/** An INSERT of rows with the same columns. */
export function insertInto(table: string, rows: readonly [Columns, ...Columns[]]): Fragment {
  const names = Object.keys(rows[0]);
  const tuples = rows.map(
    (row) =>
      sql`(${join(
        names.map((name) => sql`${row[name] ?? null}`),
        ', ',
      )})`,
  );
  return sql`INSERT INTO ${literal(table)} (${literal(names.join(', '))}) VALUES ${join(tuples, ', ')}`;
}

/** `a = ?, b = ?` for an UPDATE. */
export function assignments(columns: Columns): Fragment {
  return join(
    Object.entries(columns).map(([name, value]) => sql`${literal(name)} = ${value}`),
    ', ',
  );
}
