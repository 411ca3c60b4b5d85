import { Controller, Inject } from '@nestjs/common';
import { controlSnapshots, startSnapshots, type SnapshotAction } from '@tributary/operations';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { UseCases } from '../operations/use-cases';
import { newestSnapshots } from './newest-snapshots';

@Controller()
export class SnapshotsController {
  constructor(@Inject(UseCases) private readonly useCases: UseCases) {}

  @Operation('snapshots')
  async snapshots(@TheCall() call: Call<'snapshots'>): Promise<Answer<'snapshots'>> {
    return { snapshots: await this.useCases.ask(call, (operation) => newestSnapshots(operation)) };
  }

  @Operation('startSnapshots')
  async start(@TheCall() { body }: Call<'startSnapshots'>): Promise<Answer<'startSnapshots'>> {
    const started = await this.useCases.change((operation) => startSnapshots(operation, body));
    return { started: started.map(({ id, table }) => ({ id: String(id), table })) };
  }

  @Operation('pauseSnapshot')
  pause(@TheCall() call: Call<'pauseSnapshot'>): Promise<Answer<'pauseSnapshot'>> {
    return this.#control('pause', call);
  }

  @Operation('resumeSnapshot')
  resume(@TheCall() call: Call<'resumeSnapshot'>): Promise<Answer<'resumeSnapshot'>> {
    return this.#control('resume', call);
  }

  @Operation('cancelSnapshot')
  cancel(@TheCall() call: Call<'cancelSnapshot'>): Promise<Answer<'cancelSnapshot'>> {
    return this.#control('cancel', call);
  }

  async #control(action: SnapshotAction, { params }: Pick<Call<'pauseSnapshot'>, 'params'>) {
    return {
      changed: await this.useCases.change((operation) =>
        controlSnapshots(operation, action, { job: params.id }),
      ),
    };
  }
}
