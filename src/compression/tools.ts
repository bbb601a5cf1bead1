import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { CompressionError } from './compression-error.js';
import { ENCODINGS, type Encoding } from './encoding.js';

/** Memory that expanding may take, whatever a file asks for: enough for all that the tools write unless told otherwise. */
export const EXPAND_MEMORY_MIB = 128;

/** Encodings that a program beside us does; all three read standard input and write standard output. */
export type ToolEncoding = Exclude<Encoding, 'none' | 'gzip'>;

interface Tool {
  readonly program: string;
  /** Level, check and threads are written out: the same bytes must give the same file on every machine. */
  readonly compress: readonly string[];
  readonly expand: readonly string[];
}

export const TOOLS: Readonly<Record<ToolEncoding, Tool>> = {
  bzip2: {
    program: 'bzip2',
    compress: ['--compress', '--stdout', '-9'],
    expand: ['--decompress', '--stdout'],
  },
  xz: {
    program: 'xz',
    compress: ['--compress', '--stdout', '--format=xz', '--check=crc64', '--threads=1', '-6'],
    expand: [
      '--decompress',
      '--stdout',
      '--format=xz',
      '--threads=1',
      `--memlimit-decompress=${EXPAND_MEMORY_MIB}MiB`,
      '--no-sparse',
    ],
  },
  zstd: {
    program: 'zstd',
    compress: ['--compress', '--stdout', '--quiet', '--single-thread', '--check', '-9'],
    expand: ['--decompress', '--stdout', '--quiet', `--memory=${EXPAND_MEMORY_MIB}MB`, '--no-sparse'],
  },
};

const found = new Map<string, string>();

/** Absolute path of the program of an encoding, from PATH, remembered. Throws CompressionError unavailable. */
export async function findTool(encoding: ToolEncoding): Promise<string> {
  const { program } = TOOLS[encoding];
  const known = found.get(program);
  if (known !== undefined) return known;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, program);
    if (await isProgram(path)) {
      found.set(program, path);
      return path;
    }
  }
  throw new CompressionError('unavailable', `${encoding}: the program ${program} is not installed`);
}

/** The encodings that this machine can do, in the order of ENCODINGS. */
export async function availableEncodings(): Promise<readonly Encoding[]> {
  const possible = await Promise.all(
    ENCODINGS.map(async (encoding) => {
      if (encoding === 'none' || encoding === 'gzip') return true;
      return findTool(encoding).then(
        () => true,
        () => false,
      );
    }),
  );
  return ENCODINGS.filter((_, index) => possible[index]);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
