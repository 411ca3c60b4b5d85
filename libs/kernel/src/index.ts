export { errorText, plainError, plainFields, refusedWords, withoutValues } from './error-text';
export { fatal, SyncError, transient } from './errors';
export { freeLarge } from './free-large';
export { boundHeap } from './heap';
export { errorNumber, hasErrno, mysqlErrno } from './mysql-errors';
export { anything, meet, namePattern, overlap, type Token } from './name-pattern';
export { slowWait } from './slow-wait';
export { tlsFault } from './tls-fault';
