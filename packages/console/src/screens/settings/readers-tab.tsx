export function ReadersTab() {
  return null;
}
