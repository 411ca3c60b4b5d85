import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardText } from './dashboard';

writeFileSync(join(import.meta.dirname, '../../deploy/grafana/tributary.json'), dashboardText());
