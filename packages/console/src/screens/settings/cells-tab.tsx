export function CellsTab() {
  return null;
}
