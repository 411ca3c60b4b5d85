/** An error and what caused it, outermost first. */
export function* causes(error: unknown): Generator<object> {
  let current: unknown = error;
  for (let depth = 0; depth < 10 && typeof current === 'object' && current !== null; depth += 1) {
    const { errors, cause } = current as { readonly errors?: readonly unknown[]; readonly cause?: unknown };
    yield current;
    if (errors) for (const inner of errors) yield* causes(inner);
    current = cause;
  }
}

/** The innermost message, which says most. */
export function reason(error: unknown): string {
  const messages = [...causes(error)].map(({ message }: { message?: string }) => message).filter(Boolean);
  return (messages.at(-1) ?? String(error)).replace(/\.$/, '');
}
