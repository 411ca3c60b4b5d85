import type { Field } from './bson-compare';

/** An `_id` as a text that keeps its type and bytes. */
export const refOf = ({ type, bytes }: Field) => `${type}:${bytes.toString('base64')}`;

/** The way back. */
export function fieldOfRef(ref: string): Field {
  const colon = ref.indexOf(':');
  return { type: Number(ref.slice(0, colon)), bytes: Buffer.from(ref.slice(colon + 1), 'base64') };
}
