import { defineConfig } from 'vite';
import react from '@vitejs/plugin-react';
import { bundleBudget } from '../../tools/build/bundle-budget.mjs';

/** The console behind the pages while they are worked at; it takes changes from its own address alone. */
const target = process.env['CONSOLE_URL'] ?? 'http://127.0.0.1:3000';

/** Files alone, nothing inline: the pages work where a Content-Security-Policy allows neither scripts nor styles in them. */
export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  logLevel: command === 'build' ? 'warn' : 'info',
  plugins: [react(), bundleBudget({ firstViewKilobytes: 250, unwanted: /\/node_modules\/(zod|@nestjs)\// })],
  build: {
    outDir: '../../dist/apps/console-web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { port: 3100, proxy: { '/api': { target, headers: { origin: target } } } },
}));
