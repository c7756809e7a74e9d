import { startService } from '@chronicle/service-host';
import { queryService } from './query-service.js';

await startService(queryService);
