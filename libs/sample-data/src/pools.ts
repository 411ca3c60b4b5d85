import { faker as english } from '@faker-js/faker/locale/en';
import { faker as german } from '@faker-js/faker/locale/de';
import { faker as japanese } from '@faker-js/faker/locale/ja';
import { faker as arabic } from '@faker-js/faker/locale/ar';

/** Words to make rows of. Faker is too slow for one call a column at 100,000 rows a second, so rows mix pools. */
export interface Pools {
  readonly logins: readonly string[];
  readonly names: readonly string[];
  readonly companies: readonly string[];
  readonly places: readonly string[];
  readonly bios: readonly string[];
  readonly projects: readonly string[];
  readonly descriptions: readonly string[];
  readonly topics: readonly string[];
  readonly domains: readonly string[];
}

const kebab = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** The same seed gives the same pools (for one version of faker). */
export function makePools(seed: number): Pools {
  const people = [english, english, english, german, japanese, arabic];
  for (const faker of new Set(people)) faker.seed(seed);
  const many = <T>(count: number, make: (at: number) => T) =>
    Array.from({ length: count }, (_, at) => make(at));
  const person = (at: number) => people[at % people.length] ?? english;
  return {
    logins: many(400, () => kebab(english.internet.username()) || 'octocat'),
    names: many(300, (at) => person(at).person.fullName()),
    companies: many(200, () => english.company.name()),
    places: many(200, (at) => person(at).location.city()),
    bios: many(200, () => english.person.bio()),
    projects: many(400, () => kebab(`${english.hacker.noun()} ${english.word.noun()}`)),
    descriptions: many(300, () => english.hacker.phrase()),
    topics: many(120, () => kebab(english.word.noun())),
    domains: many(60, () => english.internet.domainName()),
  };
}
