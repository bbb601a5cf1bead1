import type { PublishPlan } from '../sync/publish/plan.js';
import type { PublishResult } from '../sync/publish/publisher.js';
import type { VerifyReport } from '../sync/publish/verify.js';

/** Names come from strangers: what a terminal would take for a command is left out. */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

export function planText({ generation, encode, add, remove, keep, failed }: PublishPlan): string {
  const lines = [
    ...encode.map(({ image, name, encoding, size }) => `pack    ${image} ${encoding} ${size ?? '?'} bytes ${name}`),
    ...add.map(({ place, name }) => `add     ${place} ${name}`),
    ...remove.map(({ place }) => `remove  ${place}`),
    ...failed.map(({ image, name, message }) => `refuse  ${image} ${name}: ${message}`),
    `${generation === 0 ? 'nothing is published yet' : `after generation ${generation}`}: ${add.length} to add, ${remove.length} to remove, ${keep} to stay`,
  ];
  return lines.map((line) => `${plain(line)}\n`).join('');
}

export function resultText({ generation, changed, images, encoded, failed }: PublishResult, target: string): string {
  const lines = [
    ...failed.map(({ image, name, message }) => `FAILED ${image} ${name}: ${message}`),
    changed
      ? `${target}: generation ${generation} with ${count(images, 'image')}, ${count(encoded, 'file')} packed`
      : `${target}: nothing changed since generation ${generation} with ${count(images, 'image')}`,
  ];
  return lines.map((line) => `${plain(line)}\n`).join('');
}

export function resultJson({ failed, ...result }: PublishResult): string {
  const named = failed.map(({ image, name, message }) => ({ image, name, message }));
  return `${JSON.stringify({ ...result, failed: named })}\n`;
}

export function verifyText(report: VerifyReport, target: string): string {
  const { generation, files, bytes, signatures, problems } = report;
  const unsigned = signatures ? '' : ' (no keys are configured: signatures were not looked at)';
  const verdict = problems.length === 0 ? 'nothing is wrong' : `${count(problems.length, 'problem')}`;
  return [
    ...problems,
    `${target}: generation ${generation}, ${count(files, 'file')} of ${bytes} bytes: ${verdict}${unsigned}`,
  ]
    .map((line) => `${plain(line)}\n`)
    .join('');
}
