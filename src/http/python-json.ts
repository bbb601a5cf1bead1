/**
 * JSON spaced as Python's json.dumps does it (`", "` and `": "`): clients' tests compare `{"images": []}` byte for byte
 * (image-api-v1 section 1.0).
 */
export function pythonJson(value: unknown): string {
  // Raw line breaks occur only between tokens: inside strings they are escaped.
  return JSON.stringify(value, null, 1)
    .replace(/,\n\s*/g, ', ')
    .replace(/\n\s*/g, '');
}
