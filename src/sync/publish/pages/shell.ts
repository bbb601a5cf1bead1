import { UNPRINTABLE } from './markup.js';

/** Texts that mean themselves to a shell. */
const PLAIN = /^[A-Za-z0-9_./:@%+=,-]+$/;

/**
 * A text as one word of a command for people to copy. What a terminal would take for keys, or would not show, is written in escapes
 * (`$'…'`, known to bash, zsh, ksh): pasting a command must do what it looks like.
 */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  const sound = text.toWellFormed();
  if (sound.search(UNPRINTABLE) < 0 && !/[\t\n]/.test(sound)) return `'${sound.replaceAll("'", "'\\''")}'`;
  const escaped = sound
    .replace(/[\\']/g, '\\$&')
    .replace(/[\t\n]/g, codeOf)
    .replace(UNPRINTABLE, codeOf);
  return `$'${escaped}'`;
}

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
