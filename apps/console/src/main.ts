import 'reflect-metadata';
import { everyServer } from '@tributary/operations';
import { runService } from '@tributary/service';
import { ConsoleModule } from './console.module';
import { consoleHttp } from './http/http-server';
import { webFolderBeside } from './http/web-pages';
import { sayWhere } from './say-where';
import { readConsoleSettings } from './settings/console-settings';
import { interfaceOf } from './settings/interface';

void runService(() => {
  const settings = readConsoleSettings();
  return {
    app: 'console',
    defaultPort: 3000,
    needs: everyServer(),
    module: ConsoleModule.with(settings),
    http: {
      configure: consoleHttp(settings, webFolderBeside(process.argv[1] ?? '')),
      host: () => interfaceOf(settings, process.env['HTTP_HOST']),
      listening: (app) => sayWhere(app, settings),
    },
  };
});
