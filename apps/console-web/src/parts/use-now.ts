import { store } from '../api/store';

const now = store(new Date());
setInterval(() => now.set(new Date()), 1_000);

/** The time to the second, one clock for all of the page. */
export const useNow = now.use;
