import { MAX_EPOCH } from '@tributary/contract';

/** A pipeline uses up a few epochs in its life. */
const MARGIN = 100;

/**
 * Whether somebody can mean this epoch who speaks of it: near the last one none is, unless this pipeline has come that
 * far itself. A forged record must not use up the epochs that are left (R4).
 */
export const believableEpoch = (epoch: number, known: number): boolean =>
  epoch >= 0 && epoch <= MAX_EPOCH && (epoch <= MAX_EPOCH - MARGIN || epoch <= known + MARGIN);

/** The same of a record's version: a relay announces an epoch before it publishes under it, only older ones do not. */
export const believableVersion = (epoch: number, known: number): boolean =>
  known > 0 ? epoch <= known + MARGIN : epoch <= MAX_EPOCH - MARGIN;
