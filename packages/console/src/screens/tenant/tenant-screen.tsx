export function TenantScreen() {
  return null;
}
