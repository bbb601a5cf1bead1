import { fault } from '../fault.js';

/**
 * The values of `in:a,"b,c"`. Quotes hold commas together, `\"` is a quote among the characters; a comma behind a comma ends an empty value.
 * Throws 400 for quotes that do not enclose a whole value (image-api-v2 section 2.2).
 */
export function readQuotedList(list: string): string[] {
  const quotes = [...list.matchAll(/(?<!\\)"/g)].map((match) => match.index);
  const invalid = (why: string) => fault(400, `Invalid filter value ${list}. ${why}`);
  quotes.forEach((at, count) => {
    if (count % 2 === 0) {
      if (at > 0 && list[at - 1] !== ',') throw invalid('There is no comma before opening quotation mark.');
    } else if (at + 1 < list.length && list[at + 1] !== ',') {
      throw invalid('There is no comma after closing quotation mark.');
    }
  });
  if (quotes.length % 2 === 1) throw invalid('The quote is not closed.');
  return [...list.matchAll(/"((?:\\"|[^"])*)",?|([^,]+),?|,/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('\\"', '"') ?? plain ?? '',
  );
}
