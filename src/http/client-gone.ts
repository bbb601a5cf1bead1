import { RegistryError } from '../domain/errors.js';
import type { Context } from './context.js';

function whenClosed(ctx: Context, isLoss: () => boolean): AbortSignal {
  const gone = new AbortController();
  // The response tells the end of the connection in every case; the request does not when its body broke a rule of HTTP half way.
  ctx.res.once('close', () => {
    if (isLoss())
      gone.abort(new RegistryError('client-closed', 'Client disconnected before sending all data to backend'));
  });
  return gone.signal;
}

/** Aborts when the connection ends before the request's body has arrived whole. */
export function uploadSignal(ctx: Context): AbortSignal {
  return whenClosed(ctx, () => !ctx.req.complete);
}

/** Aborts when the connection ends before the answer has been sent whole. */
export function downloadSignal(ctx: Context): AbortSignal {
  return whenClosed(ctx, () => !ctx.res.writableFinished);
}
