import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as lines from './command-lines';

const every = [
  lines.traceCommand('shop.orders', ['7']),
  lines.historyCommand('shop.orders', ['7']),
  lines.resendCommand('shop.orders', ['7', '2']),
  lines.resendSomeCommand({ table: 'shop.orders', range: { from: '7', to: undefined } }),
  lines.resendSomeCommand({ table: 'shop.orders', where: "state = 'new'" }),
  lines.pauseCommand('pause', 'shop.orders', undefined),
  lines.pauseCommand('resume', 'shop.orders', 'mongo'),
  lines.startSnapshotCommand({ table: 'shop.*', where: "state = 'new'", priority: 5 }),
  lines.snapshotCommand('pause', '3'),
  lines.snapshotCommand('resume', '3'),
  lines.snapshotCommand('cancel', '3'),
  lines.verifyCommand({ table: 'shop.orders', target: 'mongo', sample: { part: 0.05 }, rate: 100 }),
  lines.repairCommand('shop.orders', 'redis', true),
  lines.listDeadLettersCommand({ code: 'INVALID_ROW', table: 'shop.orders', stage: 'validator' }),
  lines.deadLettersCommand('replay', { ids: ['3:42'] }),
  lines.deadLettersCommand('discard', { code: 'INVALID_ROW' }),
  lines.showDeadLetterCommand('3:42'),
];

const page = readFileSync(join(__dirname, '../../../../docs/reference/commands.md'), 'utf8');
const sections = page.split(/^## tributary /m).slice(1);

/** Every command line that the console shows is one that the command line's own help describes. */
test.each(every)('%s', (line) => {
  const section = sections.find((text) => line.startsWith(`tributary ${text.split('\n')[0]}`));
  expect(section).toBeDefined();
  for (const [option] of line.replace(/'[^']*'/g, '').matchAll(/--[a-z][\w-]*/g))
    expect(section).toMatch(new RegExp(`^\\s+${option}\\b`, 'm'));
});

test('what a shell would take apart is quoted', () => {
  expect(lines.traceCommand('a.b', ["it's", '$HOME', 'plain'])).toBe(
    `tributary trace a.b 'it'\\''s' '$HOME' plain`,
  );
  expect(lines.startSnapshotCommand({ table: 'shop.*' })).toBe(`tributary snapshot start --table 'shop.*'`);
});

test('a key that begins with a dash is no option', () => {
  expect(lines.traceCommand('a.b', ['-1'])).toBe('tributary trace -- a.b -1');
  expect(lines.resendCommand('a.b', ['-1'])).toBe('tributary resend --table a.b --key=-1');
});

test('rows by range or by condition, whatever stands in them', () => {
  const { resendSomeCommand: command } = lines;
  expect(command({ table: 'a.b', range: { from: '-5', to: '7' } })).toBe(
    'tributary resend --table a.b --range=-5..7',
  );
  expect(command({ table: 'a.b', range: { to: 'it is' } })).toBe(
    `tributary resend --table a.b --range='..it is'`,
  );
  expect(command({ table: 'a.b', where: "s = '-'" })).toBe(
    `tributary resend --table a.b --where='s = '\\''-'\\'''`,
  );
  expect(command({ table: 'a.b', range: { from: 'a..b' } })).toMatch(/^curl .*"from":"a\.\.b"/);
});

test('a whole verification and its repair', () => {
  expect(lines.verifyCommand({})).toBe('tributary verify');
  expect(lines.repairCommand(null, null, false)).toBe('tributary verify --repair');
  expect(lines.verifyCommand({ sample: { rows: 100 } })).toBe('tributary verify --sample 100');
});

test('the command of a group by column takes no dead letter of another column', () => {
  const group = { code: 'INVALID_ROW', table: 'shop.orders', column: 'amount' };
  expect(lines.deadLettersCommand('discard', group)).toContain(JSON.stringify(group));
  expect(lines.listDeadLettersCommand(group)).toContain('column=amount');
});

test('the command of a group whose table is named like a pattern, or is none, takes no other table', () => {
  for (const table of ['*', null]) {
    const group = { code: 'INVALID_KEY', table, column: null, exact: true };
    expect(lines.deadLettersCommand('discard', group)).toContain(JSON.stringify(group));
  }
});
