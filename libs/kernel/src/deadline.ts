interface Waiting {
  /** Whether the wait keeps the process alive; true when it is not given. */
  readonly ref?: boolean;
}

/**
 * What `work` gives or throws; once `ms` have passed, what `late` gives or throws. `work` then goes on, and nobody hears
 * how it ends.
 */
export async function within<T, L>(
  work: Promise<T>,
  ms: number,
  late: () => L,
  { ref = true }: Waiting = {},
): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    if (!ref) timer.unref();
  }).then(late);
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work`, at most `ms`; answers whether it settled in time. Never throws. */
export const settledWithin = (work: Promise<unknown>, ms: number): Promise<boolean> =>
  within(
    work.then(
      () => true,
      () => true,
    ),
    ms,
    () => false,
  );
