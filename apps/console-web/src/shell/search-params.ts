/** The search of an address as texts; several of one name are a list. No JSON: a key `007` stays what it is. */
export function parseSearch(search: string): Record<string, string | string[]> {
  const params = new URLSearchParams(search);
  const found: Record<string, string | string[]> = {};
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name);
    found[name] = values.length > 1 ? values : (values[0] ?? '');
  }
  return found;
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) params.append(name, String(one));
  return params.size ? `?${params}` : '';
}

type Search = Readonly<Record<string, unknown>>;

export const textOf = (search: Search, name: string): string | undefined => {
  const value = listOf(search, name)[0];
  return value === '' ? undefined : value;
};

export const listOf = (search: Search, name: string): string[] => {
  const value = search[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
};
