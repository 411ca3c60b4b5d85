import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A real OpenID provider for one redirect address. */
export async function startProvider(redirect: string): Promise<{ issuer: string; stop(): void }> {
  const child: ChildProcess = spawn(process.execPath, [join(__dirname, 'oidc-provider.mjs'), redirect], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [issuer] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { issuer, stop: () => void child.kill() };
}

/** Follows a browser's way through the provider's pages; answers the address that it sends the browser back to. */
export async function throughProvider(start: string, account: string, callback: string): Promise<string> {
  const cookies = new Map<string, string>();
  let [url, body]: [string, URLSearchParams | undefined] = [start, undefined];
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(url, {
      ...{ method: body ? 'POST' : 'GET', redirect: 'manual' },
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body && { body }),
    });
    for (const set of response.headers.getSetCookie()) {
      const [name, value] = set.split(';')[0]!.split('=') as [string, string];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const location = response.headers.get('location');
    if (location) {
      [url, body] = [new URL(location, url).href, undefined];
      if (url.startsWith(callback)) return url;
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!prompt) throw new Error(`${response.status} ${page.slice(0, 300)}`);
    const action = /action="([^"]+)"/.exec(page)?.[1];
    url = new URL(action ?? url, url).href;
    body = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: account, password: 'x' }) });
  }
  throw new Error('the provider never sent the browser back');
}
