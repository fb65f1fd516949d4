export function OptionsTab() {
  return null;
}
