import { z } from 'zod';
import type { Contradiction } from '../contradiction';
import type { TableSettings } from '../sync-config';

/** What the sync file says of every target. */
export interface TargetSettings {
  readonly enabled: boolean;
  /** Other pipelines write to the same place, and say so too: nothing is swept there. */
  readonly shared: boolean;
}

/** Two tables of which two rows could be one in a target. */
export interface KeyCollision {
  readonly table: string;
  readonly other: string;
  /** A sentence that names both and the remedy. */
  readonly message: string;
}

/** What a target is without any server: its section of the sync file, and its name everywhere else. */
export interface TargetSpec<Name extends string = string, Settings extends TargetSettings = TargetSettings> {
  /** Of its section in the sync file; its app, and so its consumer group and stage, is `<name>-sink`. */
  readonly name: Name;
  /** As people call it. */
  readonly title: string;
  /** What its section may hold, under `defaults` and in an entry. */
  readonly defaults: z.ZodObject;
  readonly entry: z.ZodObject;
  /** `said` answers what the entries of a table, else the defaults, say of an option. */
  settings(said: (option: string) => unknown, table: Pick<TableSettings, 'database' | 'name'>): Settings;
  /** What an entry's section contradicts by itself; paths begin within the section. */
  faults(section: unknown, entry: { readonly isPattern: boolean }): Contradiction[];
  /** Where the rows of a table stand, as `config check` prints it. */
  placeText(settings: TableSettings): string;
  collisions?(tables: readonly TableSettings[]): KeyCollision[];
}

type Options<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** A spec whose functions are typed by the options of its section. */
export function targetSpec<
  const Name extends string,
  Settings extends TargetSettings,
  Defaults extends z.ZodRawShape,
  Entry extends z.ZodRawShape,
>({
  defaults,
  entry,
  settings,
  faults,
  ...rest
}: Pick<TargetSpec<Name, Settings>, 'name' | 'title' | 'placeText' | 'collisions'> & {
  readonly defaults: Defaults;
  /** Beside those that stand under `defaults` too. */
  readonly entry: Entry;
  settings(
    said: <Option extends keyof Options<Defaults & Entry>>(
      option: Option,
    ) => Options<Defaults & Entry>[Option] | undefined,
    table: Pick<TableSettings, 'database' | 'name'>,
  ): Settings;
  faults(
    section: Partial<Options<Defaults & Entry>>,
    entry: { readonly isPattern: boolean },
  ): Contradiction[];
}): TargetSpec<Name, Settings> {
  return {
    ...rest,
    defaults: z.strictObject(defaults),
    entry: z.strictObject({ ...defaults, ...entry }),
    settings: (said, table) => settings(said as Parameters<typeof settings>[0], table),
    faults: (section, of) => faults((section ?? {}) as Parameters<typeof faults>[0], of),
  };
}

/** What every section holds. */
export const commonOptions = {
  enabled: z.boolean().optional(),
  /** Other pipelines write to the same place, and say so too. */
  shared: z.boolean().optional(),
};
