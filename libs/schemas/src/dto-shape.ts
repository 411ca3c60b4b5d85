import 'reflect-metadata';
import { getMetadataStorage, ValidationTypes } from 'class-validator';

/** A class whose properties carry class-validator decorators. */
export type Dto = new () => object;

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Condition = (object: unknown, value: unknown) => boolean;

/** What class-validator knows of one property. */
export interface PropertyRules {
  readonly name: string;
  readonly target: string;
  readonly conditions: readonly Condition[];
  readonly rules: readonly Metadata[];
  /** The class of a property under ValidateNested. */
  readonly nested?: Dto;
}

/** The rules of a DTO, by property; `undefined` when they need more than the value of a plain object. */
export function dtoShape(dto: Dto): PropertyRules[] | undefined {
  // Defaults, accessors and methods exist on an instance only, and rules may read them.
  const hasDefaults = Object.values(new dto()).some((value) => value !== undefined);
  if (hasDefaults || hasMembers(dto.prototype as object)) return undefined;
  const metadata = metadataOf(dto);
  if (metadata.length === 0 || !metadata.every(({ type }) => compiled.has(type))) return undefined;
  const shape = [...new Set(metadata.map(({ propertyName }) => propertyName))].map((name) => {
    const own = metadata.filter(({ propertyName }) => propertyName === name);
    const ofType = (type: string) => own.filter((rule) => rule.type === type);
    const nested = ofType(ValidationTypes.NESTED_VALIDATION);
    return {
      name,
      target: dto.name,
      conditions: ofType(ValidationTypes.CONDITIONAL_VALIDATION).map(
        ({ constraints }) => (constraints as Condition[])[0]!,
      ),
      rules: [...ofType(ValidationTypes.IS_DEFINED), ...ofType(ValidationTypes.CUSTOM_VALIDATION)],
      ...(nested.length > 0 && { nested: declaredType(dto, name) }),
    };
  });
  const unknownNested = shape.some((property) => 'nested' in property && property.nested === undefined);
  return unknownNested ? undefined : shape;
}

/** An instance with the plain object's properties, nested DTOs included; what could harm an object stays out. */
export function dtoInstance(dto: Dto, plain: Readonly<Record<string, unknown>>): object {
  const instance = new dto();
  for (const [name, value] of Object.entries(plain))
    if (!harmful.has(name)) (instance as Record<string, unknown>)[name] = value;
  for (const { type, propertyName } of metadataOf(dto)) {
    const value = plain[propertyName];
    const nested = type === ValidationTypes.NESTED_VALIDATION && declaredType(dto, propertyName);
    if (nested && value instanceof Object && !Array.isArray(value))
      (instance as Record<string, unknown>)[propertyName] = dtoInstance(
        nested,
        value as Record<string, unknown>,
      );
  }
  return instance;
}

/** class-validator looks rules up by `constructor`; a `__proto__` member would replace the class. */
const harmful = new Set(['__proto__', 'constructor']);

const compiled = new Set<string>([
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.NESTED_VALIDATION,
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.IS_DEFINED,
  ValidationTypes.WHITELIST,
]);

const metadataOf = (dto: Dto) => getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);

function hasMembers(prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return false;
  return (
    Object.getOwnPropertyNames(prototype).length > 1 || hasMembers(Object.getPrototypeOf(prototype) as object)
  );
}

/** The class that TypeScript emitted for a property; `undefined` for unions, interfaces and arrays. */
function declaredType(dto: Dto, property: string): Dto | undefined {
  const type = Reflect.getMetadata('design:type', dto.prototype as object, property) as Dto | undefined;
  return type && metadataOf(type).length > 0 ? type : undefined;
}
