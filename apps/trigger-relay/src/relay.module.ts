import { Module } from '@nestjs/common';
import { ServiceContext, serviceTransport } from '@tributary/service';
import { Transport } from '@tributary/transport';
import { RelayService } from './relay.service';

@Module({
  providers: [{ provide: Transport, inject: [ServiceContext], useFactory: serviceTransport }, RelayService],
})
export class RelayModule {}
