/** The page's own style: it loads nothing, follows the reader's light or dark, and prints. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5c6675; --line: #d9dee6; --page: #f6f7f9; --card: #fff; --a: #3867d6; --b: #8ea8e8; --link: #2552bd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b5; --line: #333b49; --page: #12161d; --card: #1a202a; --a: #6b93f5; --b: #3c568f; --link: #93b1ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
p { margin: .25rem 0 0; }
.soft, small { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin-top: 1.25rem; overflow-x: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin-top: 1.25rem; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem; }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.2; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .4rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { color: var(--soft); font-weight: 600; font-size: .8rem; }
tr:last-child td { border-bottom: 0; }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; }
details:last-child { border-bottom: 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.5rem; }
ul { margin: .5rem 0 0; padding-left: 1.25rem; }
li { overflow-wrap: anywhere; }
code { font: .85em ui-monospace, monospace; }
a { color: var(--link); }
svg { display: block; width: 100%; height: auto; min-width: 30rem; margin-bottom: 1rem; }
svg text { fill: var(--soft); font-size: 12px; text-anchor: middle; }
.stage-0 { fill: var(--a); } .stage-1 { fill: var(--b); } .axis { stroke: var(--line); }
.key { display: inline-block; width: .8em; height: .8em; border-radius: .2em; margin: 0 .35em 0 .9em; background: var(--a); }
.key + .key, .key.second { background: var(--b); }
`;
