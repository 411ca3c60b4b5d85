/** Set by `npm run test:long`: everything, also what a commit leaves out. */
export const long = process.env['TRIBUTARY_TEST_LONG'] === '1';

/** Of variants whose behaviour does not differ in what a spec looks at: the usual one for each commit, all in the long form. */
export const oneOf = <Variant>(usual: Variant, ...others: Variant[]): Variant[] =>
  long ? [usual, ...others] : [usual];
