/** How the page looks: sober, in light and in dark, from a phone to a wide screen. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2329; --soft: #5c6670; --line: #dfdcd6;
  --accent: #1f5f8b; --wash: #f1efeb; --mark: #e4eef5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1b1f23; --ink: #e4e6e8; --soft: #9aa4ae; --line: #30363c;
    --accent: #7fb8e0; --wash: #22272c; --mark: #1f3241;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.sheet { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.3rem); line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem; letter-spacing: -.005em; }
h3 { font-size: .8rem; margin: 1.5rem 0 .4rem; color: var(--soft); font-weight: 600; }
p { margin: .5rem 0; max-width: 46rem; }
header { padding: 2.6rem 0 0; }
.lead { color: var(--soft); font-size: 1.05rem; margin: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .9rem 1.5rem; margin: 1.6rem 0 0; padding: 1rem 0; border-block: 1px solid var(--line); }
.facts div { min-width: 0; }
.facts dt { font-size: .8rem; color: var(--soft); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.links { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; list-style: none; margin: .4rem 0; padding: 0; }
.links span { color: var(--soft); font-size: .85rem; }
pre, code { font: .84rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre {
  background: var(--wash); border: 1px solid var(--line); border-radius: 8px; margin: .35rem 0; padding: .7rem .9rem;
  overflow-x: auto; white-space: pre; -webkit-user-select: all; user-select: all;
}
.command { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .5rem; align-items: start; }
.command button { order: 1; margin-top: .55rem; min-width: 4.4rem; }
button, input, select {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 7px;
}
button { font-size: .78rem; padding: .15rem .6rem; cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
.search { display: grid; grid-template-columns: 1fr auto auto; gap: .6rem; margin: .8rem 0 .4rem; }
.search[hidden] { display: none; }
.search input, .search select { padding: .5rem .8rem; min-width: 0; width: 100%; }
.count { color: var(--soft); font-size: .88rem; margin: .2rem 0 .8rem; }
.image { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: .55rem 0; content-visibility: auto; contain-intrinsic-size: auto 4.4rem; }
.image[hidden] { display: none; }
.image > summary { cursor: pointer; list-style: none; padding: .8rem 1.1rem; display: grid; grid-template-columns: 1fr auto; gap: .1rem 1.2rem; align-items: baseline; }
.image > summary::-webkit-details-marker { display: none; }
.image > summary .name::before {
  content: ""; display: inline-block; width: .4rem; height: .4rem; margin-right: .6rem; vertical-align: .12em;
  border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(-45deg);
}
.image[open] > summary .name::before { transform: rotate(45deg); vertical-align: .22em; }
.image > summary:hover .name { color: var(--accent); }
.name { font-weight: 600; overflow-wrap: anywhere; unicode-bidi: isolate; }
.size { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.what { grid-column: 1 / -1; color: var(--soft); font-size: .88rem; display: flex; flex-wrap: wrap; gap: .1rem .55rem; font-variant-numeric: tabular-nums; }
.what > span:not(:last-child)::after { content: "·"; margin-left: .55rem; color: var(--soft); }
.image[open] > summary { border-bottom: 1px solid var(--line); }
.body { padding: .1rem 1.1rem 1.2rem; }
.digests { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .9rem; margin: .2rem 0 .6rem; }
.digests dt { color: var(--soft); font-size: .84rem; }
.digests dd { margin: 0; overflow-wrap: anywhere; font: .8rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.file { margin: .7rem 0 0; overflow-wrap: anywhere; }
.file span, .older span { color: var(--soft); font-size: .88rem; white-space: nowrap; }
.older { margin: .2rem 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
.older li { padding: .3rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.older li:first-child { border-top: 0; }
.older code { display: block; color: var(--soft); font-size: .78rem; }
.keys code { overflow-wrap: anywhere; }
footer { margin: 3rem 0 0; padding: 1.2rem 0 2.6rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
@media (max-width: 40rem) {
  .search { grid-template-columns: 1fr 1fr; }
  .search input { grid-column: 1 / -1; }
  .digests { grid-template-columns: 1fr; }
  .digests dd { margin-bottom: .35rem; }
  .body { padding-inline: .9rem; }
  .image > summary { padding-inline: .9rem; }
}
@media print {
  .search, .command button { display: none; }
  pre { white-space: pre-wrap; }
}
`;
