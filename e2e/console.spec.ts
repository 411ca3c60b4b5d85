import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashPassword } from '@tributary/console-access';
import { oneOf, waitFor } from '@tributary/testing';
import { seriousFindings, sidewaysScroll } from './console/accessibility';
import { ConsoleBrowser } from './console/console-browser';
import { Pipeline } from './support/pipeline';

jest.setTimeout(240_000);

const ddl = [
  'CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, email VARCHAR(80), amount DECIMAL(10,2))',
  'CREATE TABLE `lines` (order_id INT, line INT, what VARCHAR(40), PRIMARY KEY (order_id, line))',
];

const SECRET = 'ann@example.org';

describe('the console in a browser, on a running pipeline', () => {
  const pipeline = new Pipeline({ mysql: 'mysql' });
  const browser = new ConsoleBrowser(() => pipeline);
  const viewer = new ConsoleBrowser(() => pipeline);
  const { database } = pipeline;
  const orders = `${database}.orders`;
  const rowOf = (table: string, ...key: string[]) =>
    `/rows?${new URLSearchParams([['table', `${database}.${table}`], ...key.map((value): [string, string] => ['key', value])])}`;

  beforeAll(async () => {
    await pipeline.prepare(ddl);
    await pipeline.admin.query('INSERT INTO orders VALUES ?', [
      Array.from({ length: 500 }, (_, at) => [at + 1, SECRET, '1.50']),
    ]);
    await pipeline.admin.query("INSERT INTO `lines` VALUES (7, 2, 'a tent')");
    await pipeline.startAll();
    await pipeline.untilEqual();
    await browser.open();
  });
  afterAll(async () => {
    await browser.close();
    await viewer.close();
    await pipeline.stop();
  });
  afterEach(() => {
    expect([...browser.complaints, ...viewer.complaints]).toEqual([]);
  });

  it('takes the token out of the address, and the session stays', async () => {
    await browser.heading('Overview');
    expect(browser.page.url()).not.toContain('token');
    await browser.page.reload();
    await browser.heading('Overview');
    for (const stage of ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'])
      await browser.page.locator('li', { hasText: stage }).getByText('running').first().waitFor();
  });

  it('traces a key that is pasted into the palette, with values masked until they are revealed', async () => {
    const { page } = browser;
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'Find' }).fill(`${database}.lines 7 2`);
    await page.keyboard.press('Enter');
    await browser.verdict(/IN_SYNC/);
    expect(new URL(page.url()).searchParams.getAll('key')).toEqual(['7', '2']);
    expect(await page.getByText('a tent').count()).toBe(0);
    await page.getByRole('switch', { name: 'Reveal values' }).click();
    await page.getByText('a tent').first().waitFor();
    await browser.goto('/audit');
    await page.getByRole('cell', { name: 'reveal', exact: true }).first().waitFor();
  });

  it('shows the description of the API, from this server alone', async () => {
    await browser.page.goto(new URL('/api/docs', browser.page.url()).href);
    await browser.page.getByText('/api/v1/rows/{table}/trace').first().waitFor();
    await browser.goto('/');
  });

  it('tells that a service has ended without being loaded again', async () => {
    await browser.goto('/');
    await browser.page.locator('li', { hasText: 'redis-sink' }).getByText('running').first().waitFor();
    await pipeline.services.get('redis-sink')!.end('SIGKILL');
    await browser.page
      .locator('li', { hasText: 'redis-sink' })
      .getByText('stopped')
      .first()
      .waitFor({ timeout: 60_000 });
    await browser.verdict(/redis-sink/);
    const sink = await pipeline.start('redis-sink');
    await sink.untilReady();
    await browser.page
      .locator('li', { hasText: 'redis-sink' })
      .getByText('running')
      .first()
      .waitFor({ timeout: 60_000 });
  });

  it('finds a foreign edit, tries its repair dry, and repairs it', async () => {
    const { page } = browser;
    await pipeline.redis.hset(`${database}:orders:5`, 'amount', '999.99');
    await browser.goto(rowOf('orders', '5'));
    await browser.verdict(/FOREIGN_EDIT/);
    await browser.goto(`/tables/${orders}`);
    expect(await browser.change('Verify', 'a customer called')).toBe(`tributary verify --table ${orders}`);
    await browser.verdict(/1 differences/, 60_000);
    await page
      .getByRole('cell', { name: 'amount' })
      .or(page.getByRole('rowheader', { name: 'amount' }))
      .waitFor();
    expect(await page.getByRole('button', { name: 'Repair', exact: true }).count()).toBe(0);
    await browser.change('Try the repair (dry run)', 'to see');
    await page.getByRole('button', { name: 'Repair', exact: true }).waitFor({ timeout: 60_000 });
    expect(await pipeline.redis.hget(`${database}:orders:5`, 'amount')).toBe('999.99');
    await browser.change('Repair', 'agreed with the customer');
    await waitFor(async () => (await pipeline.redis.hget(`${database}:orders:5`, 'amount')) === '1.50', {
      timeoutMs: 60_000,
    });
  });

  it('pauses one target of a table, and lets go what waited', async () => {
    const amount = () => pipeline.redis.hget(`${database}:orders:6`, 'amount');
    await browser.goto(`/tables/${orders}`);
    expect(await browser.change('Pause redis', 'an index is built')).toBe(
      `tributary pause --table ${orders} --target redis`,
    );
    await browser.page.getByText('an index is built', { exact: true }).waitFor();
    await pipeline.admin.query('UPDATE orders SET amount = 7 WHERE id = 6');
    const inMongo = async () =>
      String((await pipeline.collection('orders').findOne({ _id: 6 as never }))?.['amount']);
    await waitFor(async () => (await inMongo()) === '7.00', { timeoutMs: 30_000 });
    expect(await amount()).toBe('1.50');
    await browser.change('Resume redis', 'it is there');
    await waitFor(async () => (await amount()) === '7.00', { timeoutMs: 60_000 });
  });

  it('sends rows again, by a range of keys and by a condition', async () => {
    const { page } = browser;
    const ids = [31, 32, 33];
    const keyOf = (id: number) => `${database}:orders:${id}`;
    const there = (count: number) =>
      waitFor(async () => (await pipeline.redis.exists(...ids.map(keyOf))) === count, { timeoutMs: 30_000 });
    await pipeline.redis.del(...ids.map(keyOf));
    await browser.goto(`/tables/${orders}`);
    const range = await browser.change('Send rows again', 'they were deleted by hand', async () => {
      await page.getByLabel('From id').fill('31');
      await page.getByLabel('To id').fill('32');
      expect(await seriousFindings(page)).toEqual([]);
    });
    expect(range).toBe(`tributary resend --table ${orders} --range=31..32`);
    await page.getByText('2 rows sent again').waitFor();
    await there(2);
    const where = await browser.change('Send rows again', 'and another', async () => {
      await page.getByText('A condition').click();
      await page.getByLabel('Where').fill('id = 33');
    });
    expect(where).toBe(`tributary resend --table ${orders} --where='id = 33'`);
    await there(3);
  });

  it('leads from a dead letter to its row, and replays the group when the cause is mended', async () => {
    const { page } = browser;
    const key = `${database}:orders:9001`;
    await pipeline.redis.rpush(key, 'a list');
    await pipeline.admin.query('INSERT INTO orders VALUES (9001, ?, 1)', [SECRET]);
    await browser.goto('/dead-letters');
    const cause = page.getByRole('link', { name: 'TARGET_REJECTED' });
    await cause.waitFor({ timeout: 60_000 });
    await page
      .getByRole('link', { name: /^\d+:\d+$/ })
      .first()
      .click();
    await browser.verdict(/TARGET_REJECTED/);
    expect(await page.getByText(SECRET).count()).toBe(0);
    await page.getByRole('link', { name: 'Where is this row now?' }).click();
    await browser.verdict(/DEAD_LETTER/);
    await pipeline.redis.del(key);
    await browser.goto('/dead-letters');
    expect(await browser.change('Replay', 'the list is gone')).toBe(
      `tributary dlq replay --reason TARGET_REJECTED --table ${orders}`,
    );
    await page.getByText('1 replayed').waitFor();
    expect(await pipeline.redis.hget(key, 'amount')).toBe('1.00');
    await browser.goto('/audit');
    await page.getByRole('cell', { name: 'the list is gone' }).waitFor();
  });

  it('says since when the console is away, and shows what it said last', async () => {
    await browser.goto('/tables');
    await browser.page.getByRole('link', { name: orders }).waitFor();
    await browser.context.setOffline(true);
    await browser.page.getByText(/has given no answer for/).waitFor({ timeout: 60_000 });
    expect(await browser.page.getByRole('link', { name: orders }).count()).toBe(1);
    await browser.context.setOffline(false);
    await browser.page.getByText(/has given no answer for/).waitFor({ state: 'hidden', timeout: 60_000 });
  });

  const paths = [
    ...['/', '/rows', '/tables', '/snapshots', '/verify', '/verify/1', '/dead-letters'],
    ...['/instances', '/configuration', '/audit', '/no-such-page', `/tables/${orders}`, rowOf('orders', '5')],
  ];
  describe.each(oneOf<'light' | 'dark'>('light', 'dark'))('in %s', (colorScheme) => {
    it.each(paths)('%s: axe finds nothing serious, and nothing is wider than a phone', async (path) => {
      const { page } = browser;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 390, height: 800 });
      await browser.goto(path);
      await page.getByLabel('Loading').waitFor({ state: 'detached' });
      expect(await seriousFindings(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
    });
  });

  it('lets a viewer log in by password, see masks, and change nothing', async () => {
    const users = join(pipeline.folder, 'users.yaml');
    writeFileSync(users, `ada: { role: viewer, hash: '${await hashPassword('correct horse')}' }\n`);
    await viewer.open({ CONSOLE_USERS_FILE: users });
    const { page } = viewer;
    await viewer.heading('Log in to Tributary');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Name' }).fill('ada');
    await page.locator('input[type=password]').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
    await page.locator('input[type=password]').fill('correct horse');
    await page.getByRole('button', { name: 'Log in' }).click();
    await viewer.heading('Overview');
    await viewer.goto(rowOf('lines', '7', '2'));
    await viewer.verdict(/IN_SYNC/);
    expect(await page.getByText('a tent').count()).toBe(0);
    expect(await page.getByRole('switch', { name: 'Reveal values' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Send again' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Log out' }).click();
    await viewer.heading('Log in to Tributary');
  });
});
