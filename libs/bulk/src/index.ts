export { exitCodes } from './worker/exit-codes';
export { serveTasks, type TaskWork } from './worker/task-worker';
