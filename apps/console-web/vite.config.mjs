import { defineConfig } from 'vite';
import react from '@vitejs/plugin-react';
import { bundleBudget } from '../../tools/build/bundle-budget.mjs';

/** Files alone, nothing inline: the console's Content-Security-Policy allows neither scripts nor styles in the page. */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  plugins: [react(), bundleBudget({ firstViewKilobytes: 250, unwanted: /\/node_modules\/(zod|@nestjs)\// })],
  build: {
    outDir: '../../dist/apps/console-web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    port: 3100,
    proxy: { '/api': process.env['CONSOLE_URL'] ?? 'http://127.0.0.1:3000' },
  },
});
