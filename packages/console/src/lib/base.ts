/** Where the console is served: the path prefix of the control plane, without a slash at its end. */
export const basePath: string = new URL('.', document.baseURI).pathname.replace(/\/+$/, '');

/** Address of the control plane, as the contract's client wants it. */
export const baseUrl: string = new URL('.', document.baseURI).href.replace(/\/+$/, '');

/** Content of a `<meta>` that the control plane filled in; undefined where it stands empty, as under `vite dev`. */
export function metaContent(name: string): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
  return meta?.content || meta?.nonce || undefined;
}
