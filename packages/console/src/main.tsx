import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { startAppearance } from './lib/preferences.ts';
import { startShortcuts } from './lib/shortcuts/registry.ts';

startAppearance();
startShortcuts();

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element #root.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
