// Before the first paint, so that a dark page does not flash white. The console itself takes over from here.
(() => {
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem('tenantry.appearance') ?? '{}');
  } catch {
    // Storage is off, or holds something else: the system's preference then.
  }
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const mode = stored.mode === 'dark' || stored.mode === 'light' ? stored.mode : system;
  const root = document.documentElement;
  root.classList.add(mode);
  root.style.colorScheme = mode;
  root.dataset.density = stored.density === 'compact' ? 'compact' : 'comfortable';
})();
