import 'reflect-metadata';
import fc from 'fast-check';
import {
  Allow,
  ArrayMaxSize,
  Equals,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsNumberString,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUrl,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import { ChangeEventDto } from './change-event.dto';
import { compileDto } from './compiled-dto';
import { dtoInstance, dtoShape, type Dto } from './dto-shape';
import { RepositoryRow, UserRow } from './github.dto';
import { EventKeyDto } from './key.dto';

class Plain {
  @IsString() @Length(1, 5) @Matches(/^[a-z]/) a!: string;
  @IsOptional() @IsInt() @Min(0) @Max(9) b?: number;
  @IsDefined() @IsBoolean() c!: boolean;
  @IsIn(['x', 1, null]) d: unknown;
  @IsArray() @ArrayMaxSize(2) @IsString({ each: true }) e!: string[];
  @ValidateIf((o: Plain) => o.c) @IsNotEmpty() f!: string;
  @IsOptional() @IsNumberString() g?: string;
  @Allow() h: unknown;
}
class Nested {
  @ValidateNested() @IsObject() inner!: Plain;
  @IsOptional() @ValidateNested() maybe?: Plain;
  @IsNumber({ maxDecimalPlaces: 2 }) @IsPositive() n!: number;
}
class Child extends Plain {
  @IsOptional() @IsEmail() mail?: string;
  @IsOptional() @IsUrl() url?: string;
  @Equals(1, { validateIf: (o: object) => (o as Child).b === 1 } as object) one!: number;
}
class WithDefault {
  @IsInt() n = 5;
}
class NestedArray {
  @ValidateNested({ each: true }) items!: Plain[];
}

const names = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'n',
  'one',
  'mail',
  'url',
  'items',
  'inner',
  'maybe',
  'before',
  'after',
  'op',
  'source',
  'ts_ms',
  'key',
  'table',
  'db',
  'snapshot',
  'seq',
  'user_id',
  'login',
  'repo_id',
  'constructor',
  '__proto__',
  'toString',
];
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    'x',
    'abc',
    'abcdefgh',
    1,
    0,
    -1,
    1.5,
    1.234,
    true,
    false,
    'c',
    'u',
    'd',
    'true',
    '7',
    'a.b',
    'm@example.com',
  ),
  fc.array(fc.constantFrom<unknown>('x', 1, null), { maxLength: 3 }),
  fc.string(),
  fc.integer(),
);
const { object } = fc.letrec<{ object: Record<string, unknown> }>((tie) => ({
  object: fc
    .array(fc.tuple(fc.constantFrom(...names), fc.oneof({ maxDepth: 2 }, value, tie('object'))), {
      maxLength: 14,
    })
    // As JSON.parse would: own members, `__proto__` too.
    .map((members) => {
      const made: Record<string, unknown> = {};
      for (const [name, item] of members)
        Object.defineProperty(made, name, {
          value: item,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      return made;
    }),
}));

/** What class-validator itself says. */
const reference = (dto: Dto, plain: Record<string, unknown>) => {
  try {
    return validateSync(dtoInstance(dto, plain)).length === 0;
  } catch {
    return false;
  }
};

describe('compileDto', () => {
  it.each<[string, Dto, Record<string, unknown>]>([
    ['Plain', Plain, { a: 'abc', c: true, d: 'x', e: ['x'], f: 'y' }],
    ['Nested', Nested, { n: 1.25, inner: { a: 'abc', c: false, d: 1, e: [] } }],
    ['Child', Child, { a: 'abc', c: true, d: null, e: [], f: 1, one: 1 }],
    ['WithDefault', WithDefault, {}],
    ['NestedArray', NestedArray, { items: [] }],
    [
      'ChangeEventDto',
      ChangeEventDto,
      {
        before: null,
        after: {},
        op: 'c',
        ts_ms: 1,
        source: { db: 'a', table: 'b', ts_ms: 1, snapshot: 'false', seq: '1' },
      },
    ],
    ['EventKeyDto', EventKeyDto, { table: 'a.b', key: {} }],
    ['UserRow', UserRow, { user_id: '7', login: 'x' }],
    ['RepositoryRow', RepositoryRow, { repo_id: '7' }],
  ])('R10: %s: the verdict is that of validateSync', (_, dto, good) => {
    const check = compileDto(dto);
    const same = (plain: Record<string, unknown>) =>
      expect(check(plain) === undefined).toBe(reference(dto, plain));
    expect(check(good)).toBeUndefined();
    same(good);
    fc.assert(fc.property(object, same), { numRuns: 300 });
    // Most random objects are wrong at once, so good ones are changed in one place as well.
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys({ ...good, a: 0 })), value, (name, item) =>
        same({ ...good, [name]: item }),
      ),
      { numRuns: 300 },
    );
  });

  it('compiles the envelope whole and leaves what it does not know to class-validator', () => {
    expect(dtoShape(ChangeEventDto)).toBeDefined();
    expect(dtoShape(UserRow)).toBeDefined();
    expect(dtoShape(WithDefault)).toBeUndefined();
    expect(dtoShape(NestedArray)).toBeUndefined();
  });

  it('names every faulty property and shows no value', () => {
    expect(compileDto(UserRow)({ user_id: 'secret', login: '' })).toBe(
      'user_id must be a number string; login should not be empty',
    );
    expect(compileDto(Nested)({ n: 1, inner: { a: 1 } })).toContain('inner: a must be a string');
  });

  it('a rule that throws rejects the row and does not stop the stream', () => {
    class Throwing {
      @ValidateBy({ name: 'throws', validator: { validate: (text) => (text as string).startsWith('x') } })
      a!: string;
    }
    const check = compileDto(Throwing);
    expect(check({ a: 'x' })).toBeUndefined();
    expect(check({ a: 1 })).toBe('a rule of Throwing cannot be applied to this value');
  });
});
