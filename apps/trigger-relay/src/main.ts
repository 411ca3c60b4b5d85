import { runService } from '@tributary/service';
import { RelayModule } from './relay.module';

void runService({
  app: 'trigger-relay',
  defaultPort: 3001,
  needs: { mysql: true, kafka: true },
  module: RelayModule,
});
