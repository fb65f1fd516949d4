import { canonical } from '../canonical.ts';
import type { SignedReport } from '../types.ts';
import { documentOf } from '../view/document.ts';
import { styleOf } from './style.ts';
import { blockHtml } from './block.ts';
import { escape } from './escape.ts';

const before = '<pre id="signed-report">';
const after = '</pre>';

/**
 * The report as one page of HTML: no script, nothing from elsewhere, for the screen and for print. It holds the signed JSON, which
 * {@link signedReportIn} takes out again. The same report gives the same page.
 */
export function evidenceHtml(signed: SignedReport): string {
  const { report, hash } = signed;
  const { title, subtitle, blocks } = documentOf(signed);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${escape(title)} · ${escape(report.id)}</title>
<style>${styleOf(cssText(report.id), hash)}</style>
</head>
<body>
<main>
<header>
<h1>${escape(title)}</h1>
<p><bdi>${escape(subtitle)}</bdi></p>
</header>
${blocks.map(blockHtml).join('\n')}
<details>
<summary>The signed JSON that this page was made of</summary>
${before}${escape(canonical(signed))}${after}
</details>
</main>
</body>
</html>
`;
}

/** The signed JSON in a page of {@link evidenceHtml}; undefined where there is none. Whether it is genuine is another question. */
export function signedReportIn(html: string): string | undefined {
  const start = html.lastIndexOf(before);
  if (start < 0) return undefined;
  const end = html.indexOf(after, start);
  if (end < 0) return undefined;
  return unescape(html.slice(start + before.length, end));
}

function unescape(text: string): string {
  const signs: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
  return text.replaceAll(/&(?:amp|lt|gt|quot);/g, (sign) => signs[sign]!);
}

/** An id has letters, digits and underscores; anything else has no place in a style sheet. */
function cssText(text: string): string {
  return text.replaceAll(/[^\w.:-]/g, '');
}
