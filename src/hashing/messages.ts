/** What the hashing thread is told; `id` names one digest. An update is answered when its bytes are hashed, a finish with the digest. */
export type Order =
  | { readonly kind: 'start'; readonly id: number; readonly algorithm: string }
  | { readonly kind: 'update'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'finish'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number };

/** Answers come in the order of the updates and finishes they answer. */
export interface Answer {
  readonly id: number;
  readonly digest?: string;
}
