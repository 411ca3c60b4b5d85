import { store } from './store';

/** Since when the console gives no answer; `null`: it does. */
const awaySince = store<Date | null>(null);

export const noteAnswer = () => awaySince.set(null);
export const noteSilence = () => awaySince.set(awaySince.get() ?? new Date());
export const useAwaySince = awaySince.use;
