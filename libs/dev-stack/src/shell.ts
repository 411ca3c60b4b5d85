/** One `KEY=value` line for sh; the value is quoted where the shell would read more into it than its text. */
export function shellLine(key: string, value: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]*$/.test(value)
    ? `${key}=${value}`
    : `${key}='${value.replaceAll("'", `'\\''`)}'`;
}
