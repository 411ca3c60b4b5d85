/** A message of the form `What is wrong: what to do.` or `What is wrong. What to do.` in its two parts. */
export function parts(message: string): [sentence: string, fix: string] {
  const [, reason, remedy] =
    /^(.*?): (.*)$/s.exec(message) ?? /^(.*[^.])\. ([A-Z][^.]*\.?)$/s.exec(message) ?? [];
  return reason === undefined || remedy === undefined
    ? [message, 'See docs/operations.md.']
    : [`${reason}.`, remedy.charAt(0).toUpperCase() + remedy.slice(1)];
}
