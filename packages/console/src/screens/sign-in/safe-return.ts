/** Where to go after signing in: an address of this console, or its first page. Nobody is sent to another site. */
export function safeReturn(address: string | undefined): string {
  if (address === undefined || !/^\/(?![/\\])/.test(address)) return '/';
  return new URL(address, window.location.origin).origin === window.location.origin ? address : '/';
}
