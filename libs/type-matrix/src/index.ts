export { BSON } from './bson';
export { quoted, type MatrixRow, type MatrixTable, type Server } from './matrix-table';
export { beyondKafka, beyondMongo, sizedDdl, sizedTable } from './sizes';
export { foldTable, sessionTable } from './sessions';
export { valueGroups } from './value-groups';
export type { TableVectors, VectorFile } from './vectors';
export { vectorFiles, vectorFolder } from './vector-files';
export { Writers } from './writers';
export { addZone, removeZone } from './zone';
