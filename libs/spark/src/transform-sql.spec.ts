import { transformSql } from './transform-sql';

const tasksOf = (sql: string) =>
  [.../array\(([^)]*)\)/.exec(sql)![1]!.matchAll(/'([^']*)'/g)].map(([, text]) =>
    Buffer.from(text!, 'base64').toString('utf8'),
  );

describe('transformSql', () => {
  it.each([
    [3, undefined, 3],
    [3, 1, 3],
    [3, 2, 2],
    [4, 2, 2],
    [100, 30, 4],
    [2, 50, 1],
  ])('%i tasks, %s a group: %i partitions', (count, perPartition, partitions) => {
    const tasks = Array.from({ length: count }, (_, n) => `{"n":${n}}`);
    const sql = transformSql('cat', tasks, perPartition);
    expect(sql).toContain(`FROM range(0, ${count}, 1, ${partitions})`);
    expect(tasksOf(sql)).toEqual(tasks);
  });

  it('leaves nothing of a text to the parser of SQL', () => {
    const sql = transformSql(`a 'b' "c" \\ \${d} \`e\` ;ü -- \n`, [JSON.stringify(`'"\\\0\n\${x}ü𝔘`)]);
    expect(sql).not.toMatch(/["$`;\n]|ü/);
    expect(sql.split("'").length % 2).toBe(1);
    expect(tasksOf(sql)).toEqual([JSON.stringify(`'"\\\0\n\${x}ü𝔘`)]);
  });

  it.each([[[]], [['a\nb']], [['a\rb']]])('refuses %j', (tasks) => {
    expect(() => transformSql('cat', tasks)).toThrow(/task/);
  });
});
