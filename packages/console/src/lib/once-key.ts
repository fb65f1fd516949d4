/** A new key for an act that must happen once. `crypto.randomUUID` is there in secure contexts only; this is everywhere. */
export function onceKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
