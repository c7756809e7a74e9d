import { startConsumerService } from '@chronicle/worker-host';
import { service } from './service.js';

await startConsumerService(service);
