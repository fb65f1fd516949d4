const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as HTML, for content and for values in double quotes. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => signs[sign]!);
}
