/** System fonts, two colour schemes, paper; nothing is loaded from anywhere. */
export const style = `
:root{color-scheme:light dark;--page:#fff;--card:#f6f7f9;--text:#171b21;--quiet:#5b6573;--line:#dde1e7;--accent:#2563eb;--good:#15803d;--bad:#b91c1c}
@media (prefers-color-scheme:dark){:root{--page:#0f1216;--card:#181d24;--text:#e8ebef;--quiet:#98a3b2;--line:#2b323c;--accent:#7aa8ff;--good:#4ade80;--bad:#f87171}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:920px;margin:0 auto;padding:28px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:18px;margin:36px 0 8px}
p{margin:0 0 12px;max-width:75ch}
.quiet,dt,caption{color:var(--quiet)}
.verdict{border-radius:10px;padding:14px 18px;margin:18px 0;border:1px solid currentColor;font-weight:600}
.good{color:var(--good)}.bad{color:var(--bad)}
.checks{list-style:none;margin:0;padding:0}.checks li{padding:6px 0;border-top:1px solid var(--line)}.checks b{margin-right:8px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:10px 20px;margin:0}
.facts dt{font-size:13px}.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
code{font:12px ui-monospace,monospace;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums;margin:8px 0 16px}
caption{text-align:left;font-size:13px;padding-bottom:4px}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);font-weight:400;vertical-align:top}
thead th{color:var(--quiet);font-size:13px}
svg{display:block;width:100%;height:auto;margin:8px 0}
svg text{font-size:11px;fill:var(--quiet)}
.axis{stroke:var(--quiet)}.budget{stroke:var(--bad);stroke-dasharray:5 4}.line{fill:none;stroke:var(--accent);stroke-width:2}
circle.held{fill:var(--good)}circle.failed{fill:var(--page);stroke:var(--bad);stroke-width:2}
.legend{font-size:13px;color:var(--quiet)}.legend i{display:inline-block;width:10px;height:10px;border-radius:50%;margin:0 4px 0 12px}.legend i.held{background:var(--good)}.legend i.failed{border:2px solid var(--bad)}
@media (max-width:640px){main{padding:20px 14px 48px}h1{font-size:21px}}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}table,svg,.verdict{break-inside:avoid}}
`;
