import type { TaskWork } from '@tributary/bulk';

/** Opens the work of one kind of tasks. Throws a SyncError. */
export type OpenWork = () => Promise<TaskWork<unknown, object>>;

/** The kinds of tasks, loaded when they are named. */
export const modes: Readonly<Record<string, () => Promise<OpenWork>>> = {};
