export { ChangeHoles } from './change-holes';
export { RoundValidator, type RejectedRecord, type RoundOutcome } from './round-validator';
export { TrustedSchemas } from './trusted-schemas';
