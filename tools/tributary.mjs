#!/usr/bin/env node
// The operator's command line: builds apps/cli when it is stale, then hands over to it in this process.
import { pathToFileURL } from 'node:url';
import { bundleOf, ensureBuilt } from '../libs/dev-services/src/ensure-built.cjs';

try {
  ensureBuilt(['cli']);
} catch (error) {
  process.stderr.write(`tributary: ${error.message}\n`);
  process.exit(1);
}
await import(pathToFileURL(bundleOf('cli')).href);
