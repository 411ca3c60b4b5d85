export type Flavour = 'mysql' | 'mariadb';

/** Set by `npm run test:long`. */
export const long = process.env['TRIBUTARY_TEST_LONG'] === '1';

/** For what tests nearer to the code prove with every commit, and whole pipelines once more in the long form. */
export const describeLong = long ? describe : describe.skip;

/** Of variants whose behaviour does not differ in what a spec looks at: the usual one for each commit, all in the long form. */
export const oneOf = <Variant>(usual: Variant, ...others: Variant[]): Variant[] =>
  long ? [usual, ...others] : [usual];
