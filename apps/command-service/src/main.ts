import { startService } from '@chronicle/service-host';
import { commandService } from './command-service.js';

await startService(commandService);
