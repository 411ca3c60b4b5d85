import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Notes what is wrong with a variable: a message names it, says what it must look like, and holds no value. */
type Fault = (name: string, message: string) => void;

/** Some variables of the environment, and what is made of them. */
export interface EnvPart<T> {
  readonly names: readonly string[];
  readonly schema: z.ZodType<T>;
}

/** `make` is called with variables that are each well-formed, and says what they are not together. */
export function envPart<const Shape extends z.ZodRawShape, T>(
  shape: Shape,
  make: (values: z.infer<z.ZodObject<Shape>>, fault: Fault) => T,
): EnvPart<T> {
  const schema = z
    .object(shape)
    .transform((values, context) =>
      make(values, (name, message) => context.addIssue({ code: 'custom', path: [name], message })),
    );
  return { names: Object.keys(shape), schema };
}

/** Reads parts of the environment, and notes every fault instead of stopping at the first. */
export class Environment {
  readonly faults: string[] = [];

  constructor(private readonly variables: Variables) {}

  /** `undefined`: there are faults. */
  read<T>({ names, schema }: EnvPart<T>): T | undefined {
    const unread = new Set<PropertyKey>();
    const values = names.map((name) => [name, this.#text(name, unread)] as const);
    const parsed = schema.safeParse(Object.fromEntries(values));
    for (const { path, message } of parsed.error?.issues ?? [])
      // Of a file that cannot be read that is all there is to say.
      if (!unread.has(path[0]!)) this.faults.push(message);
    return parsed.data;
  }

  /** The value of `name`, or of the file that `name_FILE` names (a mounted secret). */
  #text(name: string, unread: Set<PropertyKey>): string | undefined {
    const file = this.variables[`${name}_FILE`];
    if (!file) return this.variables[name]?.trim() || undefined;
    try {
      return readFileSync(file, 'utf8').trim() || undefined;
    } catch (error) {
      unread.add(name);
      this.faults.push(
        `${name}_FILE: the file it names cannot be read (${(error as NodeJS.ErrnoException).code})`,
      );
      return undefined;
    }
  }
}
