export function ProvisionScreen() {
  return null;
}
