import type { Block, Cell, Column } from '../view/block.ts';
import { escape } from './escape.ts';

/** A block as HTML. */
export function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'heading': {
      // The page's own title is the first.
      const tag = `h${block.level + 1}`;
      const id = block.id === undefined ? '' : ` id="${escape(block.id)}"`;
      return `<${tag}${id}${block.newPage === true ? ' class="page"' : ''}>${escape(block.text)}</${tag}>`;
    }
    case 'text':
      return `<p${block.quiet === true ? ' class="quiet small"' : ''}>${escape(block.text)}</p>`;
    case 'list':
      return listHtml(block.items);
    case 'facts':
      return `<dl>${block.rows.map(([label, value]) => `<dt>${escape(label)}</dt><dd>${cellHtml(value)}</dd>`).join('')}</dl>`;
    case 'table':
      return tableHtml(block);
    case 'verdict':
      return `<section class="verdict t-${block.tone}"><p class="word">${escape(block.word)}</p><p class="headline">${escape(block.headline)}</p>${listHtml(block.lines)}</section>`;
    case 'note':
      return `<aside class="note t-${block.tone}"><strong>${escape(block.title)}</strong>${block.lines.length === 0 ? '' : listHtml(block.lines)}</aside>`;
    case 'tiles':
      return `<div class="tiles">${block.tiles
        .map(
          ({ value, label, tone }) =>
            `<div class="tile"><b class="${tone}">${escape(value)}</b><span>${escape(label)}</span></div>`,
        )
        .join('')}</div>`;
    case 'code':
      return `<pre>${escape(block.text)}</pre>`;
    case 'contents':
      return `<nav aria-label="Contents"><ol>${block.entries
        .map(({ id, text }) => `<li><a href="#${escape(id)}">${escape(text)}</a></li>`)
        .join('')}</ol></nav>`;
  }
}

function listHtml(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li><bdi>${escape(item)}</bdi></li>`).join('')}</ul>`;
}

function tableHtml({ columns, rows, dense = false }: Extract<Block, { kind: 'table' }>): string {
  const head = columns
    .map((column) => `<th scope="col"${classOf(column)}>${escape(column.title)}</th>`)
    .join('');
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell, at) => `<td${classOf(columns[at]!)}>${cellHtml(cell)}</td>`).join('')}</tr>`,
    )
    .join('\n');
  return `<div class="scroll"><table${dense ? ' class="dense"' : ''}><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function classOf({ align = 'left', width }: Column): string {
  const names = [...(align === 'left' ? [] : [align]), ...(width === 'auto' ? ['fit'] : [])];
  return names.length === 0 ? '' : ` class="${names.join(' ')}"`;
}

/** In a direction of its own: a name in Hebrew must not turn around what stands beside it. */
function cellHtml(cell: Cell): string {
  const {
    text,
    tone = 'plain',
    mono = false,
    bold = false,
  } = typeof cell === 'string' ? { text: cell } : cell;
  const names = [...(tone === 'plain' ? [] : [tone]), ...(mono ? ['mono'] : []), ...(bold ? ['strong'] : [])];
  const lines = text.split('\n').map((line) => `<bdi>${escape(line)}</bdi>`);
  return names.length === 0
    ? lines.join('\n')
    : `<span class="${names.join(' ')}">${lines.join('\n')}</span>`;
}
