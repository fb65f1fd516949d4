/** Style of the page: system fonts, which know the scripts of names, and nothing from elsewhere. */
export function styleOf(id: string, hash: string): string {
  return `
:root { --ink: #1b2430; --soft: #5a6675; --line: #d9dfe6; --wash: #f5f7f9; --good: #17693a; --bad: #a61b1b; --warn: #8a5200; --accent: #1f4e79; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans CJK SC", "DejaVu Sans", sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 2rem 4rem; }
header { border-bottom: 3px solid var(--accent); padding-bottom: 1.1rem; margin-bottom: 1.5rem; }
header p { margin: 0; color: var(--soft); }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; margin: 3rem 0 .8rem; padding-top: .4rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .5rem 0 .8rem; max-width: 46rem; }
a { color: var(--accent); }
.quiet { color: var(--soft); }
.small { font-size: .87rem; }
.mono, code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; overflow-wrap: anywhere; }
.strong { font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
ul { margin: .4rem 0 1rem; padding-left: 1.2rem; max-width: 46rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .25rem 1.5rem; margin: .8rem 0 1.2rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; font-weight: 600; background: var(--wash); border-bottom: 2px solid var(--line); vertical-align: bottom; white-space: pre-line; }
th, td { padding: .38rem .6rem; }
td { border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; min-width: 3.5rem; white-space: pre-line; }
.dense { font-size: .8rem; line-height: 1.4; } .dense th, .dense td { padding: .22rem .5rem; }
.right { text-align: right; font-variant-numeric: tabular-nums; } .center { text-align: center; } .fit { white-space: nowrap; width: 1%; overflow-wrap: normal; }
.verdict, .note { border: 1px solid var(--line); border-left: 6px solid var(--soft); background: var(--wash); padding: .9rem 1.2rem; margin: 1.2rem 0; break-inside: avoid; }
.verdict .word { font-size: .82rem; font-weight: 700; letter-spacing: .08em; text-transform: uppercase; margin: 0; }
.verdict .headline { font-size: 1.25rem; line-height: 1.35; font-weight: 600; margin: .15rem 0 .5rem; }
.verdict.t-good, .note.t-good { border-left-color: var(--good); background: #f1f8f3; } .t-good .word { color: var(--good); }
.verdict.t-bad, .note.t-bad { border-left-color: var(--bad); background: #fcf2f1; } .t-bad .word { color: var(--bad); }
.verdict.t-warn, .note.t-warn { border-left-color: #c77700; background: #fdf7ec; } .t-warn .word { color: var(--warn); }
.note strong { display: block; }
.note ul, .verdict ul { margin-bottom: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; margin: 1.2rem 0; }
.tile { border: 1px solid var(--line); border-radius: 4px; padding: .7rem .9rem; break-inside: avoid; }
.tile b { display: block; font-size: 1.35rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile span { color: var(--soft); font-size: .85rem; }
pre { background: var(--wash); border: 1px solid var(--line); padding: .8rem 1rem; white-space: pre-wrap; margin: .6rem 0 1rem; }
nav { margin: 1.6rem 0; } nav ol { list-style: none; margin: 0; padding: 0; columns: 2; column-gap: 2rem; } nav li { padding: .12rem 0; break-inside: avoid; }
details { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem; } summary { cursor: pointer; color: var(--soft); }
details pre { max-height: 24rem; overflow: auto; font-size: .75rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) { main { padding: 1.2rem 1rem 3rem; } nav ol { columns: 1; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } h1 { font-size: 1.5rem; } }
@page { size: A4; margin: 20mm 15mm 18mm;
  @top-left { content: "Evidence of tenant isolation · ${id}"; font: 8pt system-ui, sans-serif; color: #5a6675; }
  @top-right { content: "SHA-256 ${hash.slice(0, 16)}…"; font: 8pt ui-monospace, monospace; color: #5a6675; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt system-ui, sans-serif; color: #5a6675; } }
@media print {
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  details { display: none; }
  a { color: inherit; text-decoration: none; }
  .page { break-before: page; }
  h2, h3, h4 { break-after: avoid; }
  h2 { margin-top: 1.6rem; }
  .scroll { overflow: visible; }
  .tiles { grid-template-columns: repeat(5, 1fr); gap: .4rem; margin: .8rem 0; } .tile { padding: .4rem .5rem; } .tile b { font-size: 1.05rem; }
  nav { break-inside: avoid; margin: .8rem 0; font-size: 9pt; } nav ol { break-inside: avoid; }
  .dense th, .dense td { padding: .12rem .35rem; } th, td { min-width: 0; }
  table { font-size: 8.5pt; } .dense { font-size: 7pt; line-height: 1.3; } dl { margin: .5rem 0; } header { margin-bottom: .8rem; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  p, li { orphans: 3; widows: 3; }
}`;
}
