import { open, unlink } from 'node:fs/promises';

/** A file to be made. Its mode counts from the first moment that it is there. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Writes all of them or none, and overwrites nothing. Throws the error of the file system. */
export async function writeNewFiles(files: readonly NewFile[]): Promise<void> {
  const written: string[] = [];
  try {
    for (const { path, text, mode } of files) {
      const file = await open(path, 'wx', mode);
      written.push(path);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
    }
  } catch (error) {
    for (const path of written) await unlink(path);
    throw error;
  }
}
