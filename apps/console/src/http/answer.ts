import type { AnswerOf, Operation } from '@tributary/console-api';

type Frozen<T> = T extends readonly (infer Member)[]
  ? readonly Frozen<Member>[]
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T;

/** What a call of the API is answered with. */
export type Answer<O extends Operation> = Frozen<AnswerOf<O>>;
