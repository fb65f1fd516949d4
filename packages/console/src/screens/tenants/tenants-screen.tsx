export function TenantsScreen() {
  return null;
}
