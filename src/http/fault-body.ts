import { STATUS_CODES } from 'node:http';
import { preferred } from './accept.js';
import type { HttpFault } from './fault.js';
import { pythonJson } from './python-json.js';

/** Titles that clients know from Glance where Node's have moved on. */
const TITLES: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  416: 'Request Range Not Satisfiable',
  300: 'Multiple Choices',
};

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  401:
    'This server could not verify that you are authorized to access the document you requested. Either you supplied the ' +
    'wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
  409: 'There was a conflict when trying to complete your request.',
  410: 'This resource is no longer available. No forwarding address is given.',
  412: 'Request precondition failed.',
  413: 'The body of your request was too large for this server.',
  416: 'The Range requested is not available.',
  429: 'The client has sent too many requests in a given amount of time.',
  431: 'The request headers are too large for this server.',
  500: 'The server has either erred or is incapable of performing the requested operation.',
  503: 'The server is currently unavailable. Please try again at a later time.',
};

const TEMPLATES: Readonly<Record<number, (method: string, mediaType: string) => string>> = {
  405: (method) => `The method ${method} is not allowed for this resource. `,
  415: (_method, mediaType) => `The request media type ${mediaType} is not supported by this server.\n`,
  501: (method) => `\nThe request method ${method} is not implemented for this server. `,
};

export function titleOf(status: number): string {
  return TITLES[status] ?? STATUS_CODES[status] ?? 'Unknown';
}

/** What an answer may repeat of its request. */
export interface Asked {
  readonly method: string;
  /** Type of the request's body. */
  readonly mediaType?: string | undefined;
}

/** The message in the template that its status has: some speak of the request, and leave no room for a comment. */
function message({ status, text }: HttpFault, { method, mediaType }: Asked, form: (text: string) => string): string {
  const detail = form(text.detail ?? '');
  if (text.explanation === undefined) {
    const { [status]: template } = TEMPLATES;
    if (template !== undefined) return `${template(form(method), form(mediaType ?? ''))}<br /><br />\n${detail}`;
  }
  return `${form(text.explanation ?? EXPLANATIONS[status] ?? '')}<br /><br />\n${detail}\n\n`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#x27;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** By hand, because an expression for it takes quadratic time on a text full of beginnings. */
function withoutComments(text: string): string {
  let kept = '';
  for (let from = 0; ; ) {
    const open = text.indexOf('<!--', from);
    const close = open < 0 ? -1 : text.indexOf('-->', open + 4);
    if (close < 0) return kept + text.slice(from);
    kept += text.slice(from, open);
    from = close + 3;
  }
}

/** Plain text shows messages without their markup (image-api-v1 section 10), line breaks only where the form has them. */
function withoutMarkup(text: string): string {
  return withoutComments(text)
    .replace(/\r/g, '')
    .replace(/\n/g, ' ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<[^<>]*>/g, '');
}

export interface FaultBody {
  readonly type: string;
  readonly body: string;
}

/** The body of a fault in the form that the client asked for: HTML, JSON, or plain text (image-api-v2 section 5). */
export function faultBody(fault: HttpFault, accept: string | undefined, asked: Asked = { method: '' }): FaultBody {
  const title = titleOf(fault.status);
  const status = `${fault.status} ${title}`;
  const asIs = (text: string): string => text;
  switch (preferred(accept, ['text/html', 'application/json'])) {
    case 'text/html': {
      const content = message(fault, asked, escapeHtml);
      const page = `<html>\n <head>\n  <title>${status}</title>\n </head>\n <body>\n  <h1>${status}</h1>\n  ${content}\n </body>\n</html>`;
      return { type: 'text/html; charset=UTF-8', body: page };
    }
    case 'application/json':
      return {
        type: 'application/json',
        body: pythonJson({ message: message(fault, asked, asIs), code: status, title }),
      };
    default:
      return {
        type: 'text/plain; charset=UTF-8',
        body: `${status}\n\n${withoutMarkup(message(fault, asked, asIs))}`,
      };
  }
}
