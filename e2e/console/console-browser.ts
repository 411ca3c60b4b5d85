import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { headlessBrowser } from '@tributary/dev-stack';
import { waitFor } from '@tributary/testing';
import type { Pipeline } from '../support/pipeline';
import type { ServiceProcess } from '../support/service-process';

/** A pipeline's console in a browser; what the browser complains of, or asks of other servers, is kept. */
export class ConsoleBrowser {
  /** Of the page: errors, refusals of the Content-Security-Policy, requests to anybody else. */
  readonly complaints: string[] = [];
  page!: Page;
  context!: BrowserContext;
  #browser!: Browser;
  #url!: string;

  constructor(private readonly pipeline: () => Pipeline) {}

  /** Starts the console, with `env` beside the pipeline's, in place of an earlier one, and opens its address. */
  async open(env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.pipeline().services.get('console')?.end('SIGTERM');
    const service = await this.pipeline().start('console', env);
    await service.untilReady();
    this.#url = `http://127.0.0.1:${service.port}`;
    this.#browser = await chromium.launch(await headlessBrowser(() => undefined));
    this.context = await this.#browser.newContext({ viewport: { width: 1_280, height: 900 } });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(20_000);
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.complaints.push(message.text());
    });
    this.page.on('request', (request) => {
      if (!request.url().startsWith(this.#url)) this.complaints.push(request.url());
    });
    await this.goto(`/${await tokenOf(service, env)}`);
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(`${this.#url}${path}`);
    await this.page.locator('h1').waitFor();
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  /** The verdict, once it holds the text. */
  async verdict(text: RegExp, timeout = 30_000): Promise<string> {
    const verdict = this.page.getByTestId('verdict').filter({ hasText: text });
    await verdict.waitFor({ timeout });
    return verdict.innerText();
  }

  /** Presses a button that changes something, gives a reason, and confirms; gives the command that it shows. */
  async change(button: string, reason: string, fill?: () => Promise<void>): Promise<string> {
    await this.page.getByRole('button', { name: button, exact: true }).first().click();
    const dialog = this.page.getByRole('dialog');
    await fill?.();
    await dialog.getByLabel('Reason').fill(reason);
    const command = await dialog.getByTestId('command').innerText();
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    return command;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }
}

/** What a console without users prints behind its address. */
const tokenOf = async (service: ServiceProcess, { CONSOLE_USERS_FILE: users }: NodeJS.ProcessEnv) =>
  users ? '' : waitFor(async () => /#token=\S+/.exec(service.logText)?.[0]);
