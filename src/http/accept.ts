interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parse(header: string): MediaRange[] {
  return header.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return [];
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    return [{ type, quality: Number.isFinite(quality) ? quality : 0 }];
  });
}

/** Quality of one offer: what the most specific matching range says (RFC 9110 section 12.5.1). */
function qualityOf(offer: string, ranges: readonly MediaRange[]): number {
  const [main] = offer.split('/');
  for (const pattern of [offer, `${main}/*`, '*/*']) {
    const range = ranges.find(({ type }) => type === pattern);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

/**
 * The offer that an Accept header likes best; among equals the first offer wins, whatever the order in the header.
 * Undefined when the header is absent, empty, or accepts none.
 */
export function preferred<T extends string>(header: string | undefined, offers: readonly T[]): T | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const ranges = parse(header);
  let best: { offer: T; quality: number } | undefined;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > (best?.quality ?? 0)) best = { offer, quality };
  }
  return best?.offer;
}
