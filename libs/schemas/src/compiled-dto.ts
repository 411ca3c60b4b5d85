import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import { dtoInstance, dtoShape, type Dto, type PropertyRules } from './dto-shape';

/** Checks a plain object against a DTO class. `undefined`: valid; else one sentence that names each faulty property. */
export type DtoCheck = (plain: Readonly<Record<string, unknown>>) => string | undefined;

type Fast = (plain: Readonly<Record<string, unknown>>) => boolean;

/**
 * Compiles the class-validator rules of a class once, so that a check walks no metadata and allocates almost
 * nothing. The verdict is that of `validateSync` on an instance with the same properties (a property test holds
 * the two together); what the compiler does not know is left to `validateSync`, which also writes the reasons.
 */
export function compileDto(dto: Dto): DtoCheck {
  const fast = compileFast(dto);
  const slow: DtoCheck = (plain) => {
    try {
      return sentence(validateSync(dtoInstance(dto, plain), slowOptions));
    } catch {
      return `a rule of ${dto.name} cannot be applied to this value`;
    }
  };
  return fast ? (plain) => (passes(fast, plain) ? undefined : slow(plain)) : slow;
}

/** A rule that throws (a custom one that expects a string, say) is for the slow path to report. */
function passes(fast: Fast, plain: Readonly<Record<string, unknown>>): boolean {
  try {
    return fast(plain);
  } catch {
    return false;
  }
}

/** Values stay out of the errors: a reason must not show what a row holds. */
const slowOptions = { validationError: { target: false, value: false } };

function compileFast(dto: Dto): Fast | undefined {
  const shape = dtoShape(dto);
  if (!shape) return undefined;
  const properties = shape.map(compileProperty);
  if (properties.includes(undefined)) return undefined;
  const checks = properties as ((value: unknown, plain: object) => boolean)[];
  const names = shape.map(({ name }) => name);
  return (plain) => {
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at]!;
      if (!checks[at]!(plain[name], plain)) return false;
    }
    return true;
  };
}

function compileProperty({ conditions, rules, nested, target, name }: PropertyRules) {
  const inner = nested === undefined ? undefined : compileFast(nested);
  if (nested !== undefined && inner === undefined) return undefined;
  const storage = getMetadataStorage();
  const compiled = rules.flatMap((rule) =>
    storage.getTargetValidatorConstraints(rule.constraintCls).map((constraint) => ({
      instance: constraint.instance,
      isAsync: constraint.async,
      each: rule.each,
      validateIf: rule.validateIf,
      // Filled anew for each call: a rule reads its arguments while it runs and never after.
      args: {
        targetName: target,
        property: name,
        object: {},
        value: undefined as unknown,
        constraints: rule.constraints as unknown[],
      },
    })),
  );
  if (compiled.some(({ isAsync }) => isAsync)) return undefined;
  return (value: unknown, object: object): boolean => {
    for (let at = 0; at < conditions.length; at += 1) if (!conditions[at]!(object, value)) return true;
    for (let at = 0; at < compiled.length; at += 1) {
      const { instance, args, each, validateIf } = compiled[at]!;
      if (validateIf && !validateIf(object, value)) continue;
      args.object = object;
      args.value = value;
      if (each && Array.isArray(value)) {
        if (!value.every((item: unknown) => Boolean(instance.validate(item, args)))) return false;
      } else if (!instance.validate(value, args)) return false;
    }
    if (!inner || value === undefined) return true;
    // Arrays of DTOs are rare in rows: the slow path knows them.
    return value instanceof Object && !Array.isArray(value) && inner(value as Record<string, unknown>);
  };
}

function sentence(errors: readonly ValidationError[]): string | undefined {
  const parts = errors.flatMap((error) => messages(error, ''));
  return parts.length === 0 ? undefined : parts.join('; ');
}

function messages({ property, constraints, children }: ValidationError, path: string): string[] {
  const own = Object.entries(constraints ?? {}).map(([rule, text]) =>
    rule === ValidationTypes.WHITELIST ? `${path}${property}: ${text}` : `${path}${text}`,
  );
  return [...own, ...(children ?? []).flatMap((child) => messages(child, `${path}${property}: `))];
}
