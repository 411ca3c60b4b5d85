import { long } from '@tributary/testing';

export type Flavour = 'mysql' | 'mariadb';

/** For what tests nearer to the code prove with every commit, and whole pipelines once more in the long form. */
export const describeLong = long ? describe : describe.skip;
export const itLong = long ? it : it.skip;
