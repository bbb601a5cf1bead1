const ENOUGH = 80;

/** A foreign text as it may stand in a message: quoted, in one line, without control characters, cut where it is long. */
export function shown(text: string): string {
  const cut = text.length > ENOUGH ? `${text.slice(0, ENOUGH)}…` : text;
  return JSON.stringify(cut.toWellFormed()).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
