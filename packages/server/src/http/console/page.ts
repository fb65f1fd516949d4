import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The console's page as it was built, read again when it has been built anew. */
export class ConsolePage {
  readonly #file: string;
  #read: { readonly mtimeMs: number; readonly text: string } | undefined;

  constructor(directory: string) {
    this.#file = join(directory, 'index.html');
  }

  /** The page for one answer, or undefined when the console is not built. `prefix` and `nonce` need no escaping. */
  async render(prefix: string, nonce: string): Promise<string | undefined> {
    const text = await this.#text();
    return text
      ?.replace(/<base href="[^"]*"/, () => `<base href="${prefix}/"`)
      .replace(/<meta name="csp-nonce" content="[^"]*"/, () => `<meta name="csp-nonce" content="${nonce}"`);
  }

  async #text(): Promise<string | undefined> {
    try {
      const { mtimeMs } = await stat(this.#file);
      if (this.#read?.mtimeMs !== mtimeMs) {
        this.#read = { mtimeMs, text: await readFile(this.#file, 'utf8') };
      }
      return this.#read.text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    }
  }
}
