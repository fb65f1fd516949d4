/** A Markdown table; cells are escaped, so that a `|` in a pattern does not begin a new one. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}

/** A sentence of the code as Markdown: only its own backticks mean something. */
export function plain(text: string): string {
  const parts = text.split(/(`[^`]*`)/);
  return parts
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll(/[\\[\]*_<]/g, String.raw`\$&`)))
    .join('');
}

/** Text as code, also where it holds a backtick. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The anchor that GitHub gives to a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
