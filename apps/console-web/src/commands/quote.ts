/** One word for a POSIX shell, quoted only where it has to be. */
export const quote = (text: string) =>
  /^[\w.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

type Options = Readonly<Record<string, string | number | boolean | undefined>>;

/** `tributary <words> --option value`; options that are `undefined` or `false` are left out, `true` stands alone. */
export function commandLine(words: readonly string[], options: Options = {}): string {
  const given = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false || value === '') return [];
    return value === true ? [`--${name}`] : [`--${name}`, quote(String(value))];
  });
  return ['tributary', ...words.map(quote), ...given].join(' ');
}
