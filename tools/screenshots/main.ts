import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { chromium } from 'playwright-core';
import { headlessBrowser, sayOnTerminal } from '@tributary/dev-stack';

interface Options {
  readonly url: string;
  readonly row: string[];
  readonly out: string;
  readonly dark: boolean;
}

/** Pictures of a running console for the documents. */
async function main(): Promise<void> {
  const { url, row, out, dark } = new Command('npm run screenshots --')
    .description('Takes pictures of a running console')
    .requiredOption('--url <address>', 'the address that the console printed, with its token')
    .requiredOption('--row <value...>', 'table and key of the row on the picture of a trace')
    .option('--out <folder>', 'where the pictures go', 'docs/images')
    .option('--dark', 'in dark colours', false)
    .parse()
    .opts<Options>();
  const [table = '', ...key] = row;
  const trace = new URLSearchParams([
    ['table', table],
    ...key.map((value): [string, string] => ['key', value]),
  ]);
  const pictures = { overview: '/', row: `/rows?${trace}`, 'dead-letters': '/dead-letters' };

  const browser = await chromium.launch(await headlessBrowser(sayOnTerminal));
  const page = await browser.newPage({
    viewport: { width: 1_280, height: 720 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
  mkdirSync(out, { recursive: true });
  for (const [name, path] of Object.entries(pictures)) {
    await page.goto(new URL(path, url).href);
    await page.locator('h1').waitFor();
    await page.getByLabel('Loading').waitFor({ state: 'detached' });
    // Charts come after the page.
    await page.waitForTimeout(1_000);
    const file = join(out, `console-${name}.png`);
    await page.screenshot({ path: file });
    process.stdout.write(`${file} ${Math.round(statSync(file).size / 1_000)} kB\n`);
  }
  await browser.close();
}

void main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
