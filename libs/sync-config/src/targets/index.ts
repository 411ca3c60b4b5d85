import type { TableSettings } from '../sync-config';
import { targetSpecs } from './registry';
import type { KeyCollision, TargetSettings, TargetSpec } from './target-spec';

type Registered = (typeof targetSpecs)[number];

/** What a table's settings say of each registered target, under its name. */
export type TargetSections = {
  readonly [Spec in Registered as Spec['name']]: ReturnType<Spec['settings']>;
};

/** The `name` of a target's spec. */
export type TargetName = string;

/** What a table's settings say of one target, whichever it is. */
export const targetSettings = (settings: TableSettings, target: TargetName): TargetSettings =>
  settings[target as keyof TargetSections];

/** Of all registered targets. */
export const targetNames: readonly TargetName[] = targetSpecs.map(({ name }) => name);

/** The service that writes to a target. */
export const sinkApp = <Name extends TargetName>(target: Name) => `${target}-sink` as const;

/** Those of all registered targets. */
export const sinkApps = targetSpecs.map(({ name }) => sinkApp(name));

/** Pairs of tables of which two rows would be one in a target. */
export const keyCollisions = (
  tables: readonly TableSettings[],
  targets: readonly TargetSpec[] = targetSpecs,
): KeyCollision[] => targets.flatMap((target) => target.collisions?.(tables) ?? []);
