import { parsed, textIn } from '../../../net/json.js';
import { SyncError } from '../../sync-error.js';
import type { CloudAnswer } from './cloud-transport.js';

/** Characters of a server's words that are worth showing. */
const MOST = 500;

/**
 * The reason that an answer gives for its status, in one line: the message of the JSON of Glance and Keystone, or the text of a page.
 * Empty when it gives none.
 */
export function reasonIn({ text }: CloudAnswer): string {
  const body = parsed(text);
  const message = textIn(body, 'message') ?? textIn(body, 'error', 'message') ?? (body === undefined ? text : '');
  const plain = message
    .replace(/<(head|style|script)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^<>]{0,1000}>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return plain.length > MOST ? `${plain.slice(0, MOST)}...` : plain;
}

/** The error of a request that was answered with a status it should not have been: `<what> failed, <server> answered 403: <its reason>`. */
export function refusal(what: string, server: string, answer: CloudAnswer): SyncError {
  const reason = reasonIn(answer);
  const hint = answer.status >= 300 && answer.status < 400 ? ' (redirects are not followed)' : '';
  return new SyncError(
    'destination',
    `${what} failed: ${server} answered ${answer.status}${hint}${reason === '' ? '.' : `: ${reason}`}`,
  );
}
