export function AppearanceTab() {
  return null;
}
