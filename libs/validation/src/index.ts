export { ChangeHoles } from './change-holes';
export {
  RoundValidator,
  type RejectedRecord,
  type RoundOutcome,
  type RoundValidatorParts,
} from './round-validator';
export { TrustedSchemas } from './trusted-schemas';
export { validateRecord } from './validate-record';
export { MAX_EVENT_BYTES, type ValidationRules } from './verdict';
