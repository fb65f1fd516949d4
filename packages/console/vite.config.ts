import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contractWithoutSchemas } from './vite/contract-without-schemas.ts';
import { snippets } from './vite/snippets.ts';

export default defineConfig({
  // Relative to <base href>, which the control plane sets: the same build works behind any path prefix.
  base: './',
  plugins: [contractWithoutSchemas(), snippets(), react()],
  build: {
    target: 'es2023',
    // Under a strict Content-Security-Policy no file may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What three screens share is one file: the headers of eighty small answers weigh more than a third of what they bring.
      output: { codeSplitting: { groups: [{ name: 'common', minShareCount: 3 }] } },
      // Chakra's recipes and its default theme are calls of these: what nobody uses of them can then be left out.
      treeshake: { manualPureFunctions: ['defineConfig', 'defineRecipe', 'defineSlotRecipe'] },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/auth', '/openapi.json'].map((path) => [
        path,
        { target: process.env['TENANTRY_URL'] ?? 'http://127.0.0.1:7700' },
      ]),
    ),
  },
});
