/** How a file of bytes may be encoded; `none` is the bytes as they are. */
export const ENCODINGS = ['none', 'gzip', 'bzip2', 'xz', 'zstd'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** What a file name ends in, by the encoding of its bytes. */
export const EXTENSIONS: Readonly<Record<Encoding, string>> = {
  none: '',
  gzip: '.gz',
  bzip2: '.bz2',
  xz: '.xz',
  zstd: '.zst',
};

/** Whether a word that a file or a person gave names an encoding. */
export function isEncoding(word: string): word is Encoding {
  return ENCODINGS.some((encoding) => encoding === word);
}
