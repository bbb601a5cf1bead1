import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Loads every numbered file of a folder, and prints its number, keys and values, in JSON's escapes and no other character than ASCII. */
const PROGRAM = `
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
public class Load {
  static String json(String text) {
    StringBuilder out = new StringBuilder("\\"");
    for (char c : text.toCharArray()) out.append(String.format("\\\\u%04x", (int) c));
    return out.append('"').toString();
  }
  public static void main(String[] arguments) throws Exception {
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      Properties properties = new Properties();
      StringBuilder out = new StringBuilder();
      try (var reader = Files.newBufferedReader(Path.of(arguments[0], "" + i), StandardCharsets.UTF_8)) {
        properties.load(reader);
        for (String key : properties.stringPropertyNames())
          out.append(out.length() > 0 ? "," : "").append("[" + json(key) + "," + json(properties.getProperty(key)) + "]");
        System.out.println("[" + out + "]");
      } catch (IllegalArgumentException malformed) {
        System.out.println("null");
      }
    }
  }
}
`;

/** Whether there is a Java that runs a program from its source. */
export function hasJava(): boolean {
  const { stdout } = spawnSync('java', ['--list-modules'], { encoding: 'utf8' });
  return typeof stdout === 'string' && stdout.includes('jdk.compiler');
}

/** What the real java.util.Properties reads from each of the texts: sorted pairs, or null where it finds the text malformed. */
export async function javaReads(texts: readonly string[]): Promise<(readonly (readonly [string, string])[] | null)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'properties-'));
  try {
    await writeFile(join(folder, 'Load.java'), PROGRAM);
    await Promise.all(texts.map((text, index) => writeFile(join(folder, String(index)), text)));
    const { stdout } = await promisify(execFile)('java', [join(folder, 'Load.java'), folder, String(texts.length)], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((pairs: [string, string][] | null) => pairs?.sort() ?? null);
  } finally {
    await rm(folder, { recursive: true });
  }
}
