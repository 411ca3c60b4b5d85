import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** From this many bytes on, what a message leaves behind is worth a collection of its own. */
const LARGE_BYTES = 4 << 20;

/** Whether copies of values of so many bytes are worth care. */
export const isLarge = (bytes: number): boolean => bytes >= LARGE_BYTES;

let collect: (() => void) | undefined;

/**
 * To be called when copies of a large value have just become garbage, with the value's size in bytes: frees them at
 * once instead of when the collector next looks, which several copies of the next value would be too late (R13). A
 * smaller value is left to the collector; so this costs some 40 ms a message that takes several times as long itself.
 */
export function freeLarge(bytes: number): void {
  if (!isLarge(bytes)) return;
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
