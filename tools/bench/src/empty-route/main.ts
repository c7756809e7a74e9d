import 'reflect-metadata';
import { Body, Controller, Get, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock, systemEntropy, uuidV7 } from '@chronicle/seams';
import { CreateOrderDto } from './create-order.dto.js';

// The floor of command-service: what Nest, Fastify, ValidationPipe and class-validator cost when nothing is decided or stored.

@Controller()
class EmptyRouteController {
  @Post('v1/orders')
  create(@Body() { orderId }: CreateOrderDto) {
    return {
      orderId: orderId ?? uuidV7(systemClock, systemEntropy),
      version: 1,
      commandId: uuidV7(systemClock, systemEntropy),
    };
  }

  @Get('health/ready')
  ready() {
    return { status: 'up' };
  }
}

@Module({ controllers: [EmptyRouteController] })
class EmptyRouteModule {}

const app = await NestFactory.create<NestFastifyApplication>(EmptyRouteModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
const close = () => void app.close().then(() => process.exit(0));
process.once('SIGTERM', close);
process.once('disconnect', close); // whoever started it is gone
await app.listen(Number(process.env['PORT']), process.env['HOST'] ?? '127.0.0.1');
