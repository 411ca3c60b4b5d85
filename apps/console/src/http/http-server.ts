import type { ConfigureHttp } from '@tributary/service';
import helmet from 'helmet';
import type { ConsoleSettings } from '../settings/console-settings';
import type { Request, Response } from './express';
import { servePages } from './web-pages';

/** For the whole of a request with its body; an answer may take longer. */
const REQUEST_MS = 20_000;
const IDLE_MS = 10 * 60_000;
const MOST_CONNECTIONS = 1_000;

/** Scripts and styles of this server alone, and none that stand in a page. */
const policy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};

/** What the console's HTTP server takes, from whom, and for how long. `webFolder`: the built pages; none: only the API. */
export const consoleHttp =
  (settings: ConsoleSettings, webFolder: string | undefined): ConfigureHttp =>
  (app) => {
    // Only so many proxies are believed about where a request comes from.
    app.set('trust proxy', settings.proxies);
    app.use(
      helmet({ contentSecurityPolicy: policy, strictTransportSecurity: settings.url?.protocol === 'https:' }),
    );
    app.use(knownMethods);
    servePages(app, webFolder);
    const server = app.getHttpServer();
    server.headersTimeout = REQUEST_MS / 2;
    server.requestTimeout = REQUEST_MS;
    server.timeout = IDLE_MS;
    server.maxConnections = MOST_CONNECTIONS;
  };

const methods = ['GET', 'HEAD', 'POST', 'DELETE'];

function knownMethods({ method = '' }: Request, response: Response, next: () => void): void {
  if (methods.includes(method)) next();
  else response.writeHead(405, { Allow: methods.join(', '), Connection: 'close' }).end();
}
